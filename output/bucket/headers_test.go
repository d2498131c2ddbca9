package bucket_test

import (
	"errors"
	"strings"
	"testing"

	"iltizam/output/bucket"
)

func TestHeaders(t *testing.T) {
	const (
		forever = "public, max-age=31536000, immutable"
		shortly = "public, max-age=60, stale-while-revalidate=300, stale-if-error=86400"
	)
	for _, c := range []struct{ key, mediaType, cache, disposition string }{
		{"objects/sha256/ab/abcd/progress.csv", "text/csv; charset=utf-8; header=present", forever, `attachment; filename="progress.csv"`},
		{"latest/p/progress.csv", "text/csv; charset=utf-8; header=present", shortly, `attachment; filename="progress.csv"`},
		{"latest/p/progress.parquet", "application/vnd.apache.parquet", shortly, `attachment; filename="progress.parquet"`},
		{"latest/p/progress.json", "application/json", shortly, ""},
		{"latest/p/progress.jsonl", "application/jsonl", shortly, `attachment; filename="progress.jsonl"`},
		{"releases/r/manifest.json", "application/json", forever, ""},
		{"releases/r/SHA256SUMS", "text/plain; charset=utf-8", forever, ""},
		{"head.json", "application/json", shortly, ""},
		{"_state/aliases.json", "application/json", "no-store", ""},
		{"catalog.ttl", "text/turtle; charset=utf-8", shortly, ""},
		{"catalog.rdf", "application/rdf+xml", shortly, ""},
		{"catalog.jsonld", "application/ld+json", shortly, ""},
		{"index.html", "text/html; charset=utf-8", shortly, ""},
		{"a.css", "text/css; charset=utf-8", shortly, ""},
		{"a.svg", "image/svg+xml", shortly, ""},
		{"a.woff2", "font/woff2", shortly, ""},
		{"a.txt", "text/plain; charset=utf-8", shortly, ""},
		{"a.md", "text/markdown; charset=utf-8", shortly, ""},
		{"sitemap.xml", "application/xml", shortly, ""},
		{"changes.atom", "application/atom+xml", shortly, ""},
		{"a.unknown", "application/octet-stream", shortly, `attachment; filename="a.unknown"`},
		{"dir.csv/file", "application/octet-stream", shortly, `attachment; filename="file"`},
	} {
		mediaType, cache, disposition := bucket.Headers(c.key)
		if mediaType != c.mediaType || cache != c.cache || disposition != c.disposition {
			t.Errorf("%s: got %q, %q, %q", c.key, mediaType, cache, disposition)
		}
	}
}

func TestCheckKey(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, good := range []string{"a", "A-b_c.0", "a/b/c.csv", "_state/x", long, long + "/" + long, strings.Repeat("a/", 511) + "bc"} {
		if err := bucket.CheckKey(good); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", ".a", "a/.b", "a.", "a./b", "a b", "a\\b", "a:b", "a%b",
		"é", "التقدم", "a\x00b", "a\nb", long + "x", strings.Repeat("a/", 512) + "b",
	} {
		err := bucket.CheckKey(bad)
		if !errors.Is(err, bucket.ErrKey) {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

func TestCheckPrefix(t *testing.T) {
	for _, good := range []string{"", "a", "a/", "a/b", "a.", "latest/p/"} {
		if err := bucket.CheckPrefix(good); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"/", "../", "a//", ".", "a/.", "a b"} {
		if err := bucket.CheckPrefix(bad); !errors.Is(err, bucket.ErrKey) {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}
