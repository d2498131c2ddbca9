package bucket

import (
	"fmt"
	"path"
	"strings"
)

const (
	forever = "public, max-age=31536000, immutable"
	shortly = "public, max-age=60, stale-while-revalidate=300, stale-if-error=86400"
	never   = "no-store"
)

// Headers says with which media type, cache rules and download name an object
// is served. They follow from the key alone, so that every store, also one that
// keeps nothing but bytes, serves the same ones. An empty disposition means
// that a browser shows the object in place.
func Headers(key string) (contentType, cacheControl, contentDisposition string) {
	switch {
	case strings.HasPrefix(key, "objects/"), strings.HasPrefix(key, "releases/"):
		cacheControl = forever
	case strings.HasPrefix(key, "_state/"):
		cacheControl = never
	default:
		cacheControl = shortly
	}
	name := path.Base(key)
	var download bool
	contentType, download = mediaType(name)
	if download {
		// A key holds ASCII slugs only, so the name needs neither escape nor filename*.
		contentDisposition = `attachment; filename="` + name + `"`
	}
	return contentType, cacheControl, contentDisposition
}

// mediaType says what a file is by its name, then whether a browser had better save it.
func mediaType(name string) (string, bool) {
	switch path.Ext(name) {
	case ".csv":
		return "text/csv; charset=utf-8; header=present", true
	case ".parquet":
		return "application/vnd.apache.parquet", true
	case ".jsonl":
		return "application/jsonl", true
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", true
	case ".zip":
		return "application/zip", true
	case ".json":
		return "application/json", false
	case ".jsonld":
		return "application/ld+json", false
	case ".ttl":
		return "text/turtle; charset=utf-8", false
	case ".rdf":
		return "application/rdf+xml", false
	case ".xml":
		return "application/xml", false
	case ".atom":
		return "application/atom+xml", false
	case ".html":
		return "text/html; charset=utf-8", false
	case ".css":
		return "text/css; charset=utf-8", false
	case ".js":
		return "text/javascript; charset=utf-8", false
	case ".svg":
		return "image/svg+xml", false
	case ".png":
		return "image/png", false
	case ".woff2":
		return "font/woff2", false
	case ".txt":
		return "text/plain; charset=utf-8", false
	case ".md":
		return "text/markdown; charset=utf-8", false
	}
	if name == "SHA256SUMS" {
		return "text/plain; charset=utf-8", false
	}
	return "application/octet-stream", true
}

const (
	maxSegment = 200  // bytes; folders and some S3 servers keep 255, less what they append
	maxKey     = 1024 // bytes, as S3 counts
)

// CheckKey refuses a key that some store could not keep, or would keep
// somewhere else: segments are ASCII letters, digits, dot, dash, underscore.
// The leading dot is left to the stores' own files.
func CheckKey(key string) error {
	if key == "" {
		return fmt.Errorf("key %q: it is empty: %w", key, ErrKey)
	}
	if len(key) > maxKey {
		return fmt.Errorf("key %.60q...: it is longer than %d bytes: %w", key, maxKey, ErrKey)
	}
	for segment := range strings.SplitSeq(key, "/") {
		if why := badSegment(segment); why != "" {
			return fmt.Errorf("key %q: %s: %w", key, why, ErrKey)
		}
	}
	return nil
}

func badSegment(s string) string {
	switch {
	case s == "":
		return "a segment is empty"
	case len(s) > maxSegment:
		return fmt.Sprintf("a segment is longer than %d bytes", maxSegment)
	case s[0] == '.':
		return "a segment starts with a dot"
	case s[len(s)-1] == '.':
		return "a segment ends with a dot"
	}
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '.', c == '-', c == '_':
		default:
			return fmt.Sprintf("character %q is not allowed", c)
		}
	}
	return ""
}

// CheckPrefix refuses a List prefix that no usable key starts with.
func CheckPrefix(prefix string) error {
	if prefix == "" || CheckKey(prefix) == nil {
		return nil
	}
	if CheckKey(prefix+"x") == nil {
		return nil
	}
	return fmt.Errorf("prefix %q: no key starts so: %w", prefix, ErrKey)
}
