package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iltizam/output/bucket/dirbucket"
	"iltizam/output/bucket/membucket"
)

// previewed publishes the sample into a folder and serves it.
func previewed(t *testing.T) (server *httptest.Server, folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "public")
	b, err := dirbucket.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	prepare(t, "health").mustPublish(t, b)
	if err := os.WriteFile(filepath.Join(folder, "..", "secret.txt"), []byte("private"), 0o644); err != nil {
		t.Fatal(err)
	}
	server = httptest.NewServer(previewHandler{b})
	t.Cleanup(server.Close)
	return server, folder
}

// ask sends one request with its path as it stands.
func ask(t *testing.T, method, base, path string, header ...string) (*http.Response, string) {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, base, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.URL = &url.URL{Scheme: u.Scheme, Host: u.Host, Opaque: path}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestPreviewServesAsAStoreWould(t *testing.T) {
	server, folder := previewed(t)
	for name, mediaType := range map[string]string{
		"summary.csv":         "text/csv; charset=utf-8; header=present",
		"summary.parquet":     "application/vnd.apache.parquet",
		"summary.json":        "application/json",
		"summary.schema.json": "application/json",
	} {
		path := "/latest/ma-nap-2021-2023/" + name
		want, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(path)))
		if err != nil {
			t.Fatal(err)
		}
		res, body := ask(t, http.MethodGet, server.URL, path)
		if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != mediaType || body != string(want) {
			t.Errorf("GET %s: %s, %s, %d bytes", path, res.Status, res.Header.Get("Content-Type"), len(body))
		}
		if got := res.Header.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("GET %s: X-Content-Type-Options is %q", path, got)
		}
		tag := res.Header.Get("ETag")
		res, body = ask(t, http.MethodHead, server.URL, path)
		if res.StatusCode != http.StatusOK || res.ContentLength != int64(len(want)) || body != "" {
			t.Errorf("HEAD %s: %s, length %d, %d bytes", path, res.Status, res.ContentLength, len(body))
		}
		res, body = ask(t, http.MethodGet, server.URL, path, "Range", "bytes=4-9")
		if res.StatusCode != http.StatusPartialContent || body != string(want[4:10]) {
			t.Errorf("range of %s: %s, %q", path, res.Status, body)
		}
		res, _ = ask(t, http.MethodGet, server.URL, path, "If-None-Match", tag)
		if tag == "" || res.StatusCode != http.StatusNotModified {
			t.Errorf("GET %s with its own tag %q: %s", path, tag, res.Status)
		}
	}
	if res, _ := ask(t, http.MethodGet, server.URL, "/latest/ma-nap-2021-2023/summary.csv", "Range", "bytes=99999999-"); res.StatusCode != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("a range past the end: %s", res.Status)
	}
	res, body := ask(t, http.MethodGet, server.URL, "/")
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/html; charset=utf-8" ||
		!strings.Contains(body, "data/ma-nap-2021-2023/summary.parquet") || !strings.Contains(body, "As of 2026-11-01") {
		t.Errorf("GET /: %s, %s, %d bytes", res.Status, res.Header.Get("Content-Type"), len(body))
	}
}

func TestPreviewServesNothingElse(t *testing.T) {
	server, _ := previewed(t)
	for _, path := range []string{
		"/none.csv", "/latest", "/latest/", "/latest/ma-nap-2021-2023", "/../secret.txt", "/latest/../../secret.txt",
		"/%2e%2e/secret.txt", "/..%2fsecret.txt", "/..%5csecret.txt", "//etc/passwd", "/.iltizam-bucket", "/head.json%00.csv",
		"/head.json/", "/latest/./ma-nap-2021-2023/summary.csv",
	} {
		if res, body := ask(t, http.MethodGet, server.URL, path); res.StatusCode != http.StatusNotFound || strings.Contains(body, "private") {
			t.Errorf("GET %s: %s", path, res.Status)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		if res, _ := ask(t, method, server.URL, "/head.json"); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %s, Allow %q", method, res.Status, res.Header.Get("Allow"))
		}
	}
	empty := httptest.NewServer(previewHandler{membucket.New()})
	defer empty.Close()
	if res, body := ask(t, http.MethodGet, empty.URL, "/"); res.StatusCode != http.StatusNotFound || !strings.Contains(body, "no release") {
		t.Errorf("before any release: %s, %q", res.Status, body)
	}
}

func TestPreviewCommand(t *testing.T) {
	_, folder := previewed(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, w := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"preview", "--bucket", folder, "--addr", "127.0.0.1:0"}, stdio{out: w, err: io.Discard}, time.Now)
		w.Close()
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimSpace(line)
	if res, _ := ask(t, http.MethodGet, strings.TrimSuffix(address, "/"), "/head.json"); res.StatusCode != http.StatusOK {
		t.Errorf("GET %shead.json: %s", address, res.Status)
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	cancel()
	if got := <-code; got != exitOK {
		t.Errorf("exit code %d", got)
	}
}
