package release

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"strings"
)

const (
	manifestSchema  = "iltizam/release-manifest"
	manifestVersion = 1
)

// Manifest lists all that a release holds. It names no clock, host or run: the
// same inputs make the same manifest.
type Manifest struct {
	Files   []ManifestFile `json:"files"` // in order of their paths
	Inputs  Inputs         `json:"inputs"`
	Release string         `json:"release"`
	Schema  string         `json:"schema"`
	Version int            `json:"version"`
}

// ManifestFile is one file of a release.
type ManifestFile struct {
	Alias     string `json:"alias,omitempty"` // where a copy of the newest is kept for people
	Key       string `json:"key"`             // where its bytes are, from the root of the bucket
	MediaType string `json:"media_type"`
	Path      string `json:"path"`
	Plan      string `json:"plan,omitempty"`
	Rows      *int64 `json:"rows,omitempty"`
	SHA256    string `json:"sha256"`
	Size      int64  `json:"size"`
	Table     string `json:"table,omitempty"`
}

// ObjectKey is where the bytes of a file are kept, by their digest; the name
// is there for whoever saves it.
func ObjectKey(sha256, filePath string) string {
	return "objects/sha256/" + sha256[:2] + "/" + sha256 + "/" + path.Base(filePath)
}

// ManifestKey is where the manifest of a release is kept.
func ManifestKey(rid string) string { return "releases/" + rid + "/manifest.json" }

// SumsKey is where the digests of a release are kept, as sha256sum reads them.
func SumsKey(rid string) string { return "releases/" + rid + "/SHA256SUMS" }

const latest = "latest/"

// aliasOf is where the newest copy of a file is kept, "" where there is none.
func aliasOf(filePath string) string {
	if rest, ok := strings.CutPrefix(filePath, "data/"); ok && strings.Contains(rest, "/") {
		return latest + rest
	}
	return ""
}

// sums writes what `sha256sum -c` reads in the root of the bucket, or of a
// copy of it. It covers the manifest too.
func (m *Manifest) sums(manifestSHA256 string) []byte {
	var b strings.Builder
	seen := make(map[string]bool, len(m.Files))
	for _, f := range m.Files {
		if !seen[f.Key] {
			seen[f.Key] = true
			fmt.Fprintf(&b, "%s  %s\n", f.SHA256, f.Key)
		}
	}
	fmt.Fprintf(&b, "%s  %s\n", manifestSHA256, ManifestKey(m.Release))
	return []byte(b.String())
}

func parseManifest(raw []byte) (*Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, err
	}
	if m.Schema != manifestSchema || m.Version != manifestVersion {
		return nil, fmt.Errorf("it is %s version %d, this program reads %s version %d",
			m.Schema, m.Version, manifestSchema, manifestVersion)
	}
	return &m, nil
}

func hexSHA256(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
