//go:build unix

package main

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// The server's own root user; it listens on this machine only and its data go
// when the measurements end.
const s3Access, s3Secret, s3Bucket = "iltizam-bench", "iltizam-bench-secret", "iltizam"

// s3Server is a real S3 server for the time of a benchmark.
type s3Server struct {
	endpoint string
	stop     func()
}

// startS3 starts versitygw over a folder and waits until it answers.
func startS3(binary, root string) (*s3Server, error) {
	if err := os.MkdirAll(filepath.Join(root, s3Bucket), 0o755); err != nil { // a folder of the root is a bucket
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	l.Close()
	cmd := exec.Command(binary, "--port", address, "--keep-alive", "--health", "/healthz", "-q", "posix", root)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+s3Access, "ROOT_SECRET_KEY="+s3Secret)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", binary, err)
	}
	s := &s3Server{endpoint: "http://" + address, stop: func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}}
	for range 500 {
		if r, err := http.Get(s.endpoint + "/healthz"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return s, nil
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.stop()
	return nil, fmt.Errorf("start %s: it does not answer", binary)
}

// place is an address below the server's bucket.
func (s *s3Server) place(path string) string {
	query := url.Values{"endpoint": {s.endpoint}, "region": {"us-east-1"}, "path_style": {"true"}}
	return "s3://" + s3Bucket + "/" + path + "?" + query.Encode()
}

// env is what a program needs to know of the server, and nothing of whoever runs this.
func (s *s3Server) env() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ACCESS_KEY_ID=" + s3Access, "AWS_SECRET_ACCESS_KEY=" + s3Secret}
}
