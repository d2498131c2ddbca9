package buckettest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"iltizam/output/bucket/internal/filelock"
)

const (
	serverVersion = "v1.8.0"
	serverPackage = "github.com/versity/versitygw/cmd/versitygw"
	accessKey     = "iltizam-test"
	secretKey     = "iltizam-test-secret"
	s3Bucket      = "iltizam"
)

// S3 starts a real S3 server of its own for one test, with an empty bucket in
// it, and gives the bucket's address. The credentials are in the environment
// until the test ends, so the test cannot be parallel. The first call on a
// machine builds the server, which takes a few minutes; where that fails the
// test fails.
func S3(t testing.TB) string {
	t.Helper()
	address, _ := S3Folder(t)
	return address
}

// S3Folder is S3, with the folder that the server keeps the bucket in: a file put
// there is an object whose key is the file's path, as if of another program.
func S3Folder(t testing.TB) (address, folder string) {
	t.Helper()
	binary, err := serverBinary(t.Context())
	if err != nil {
		t.Fatalf("the S3 tests need versitygw %s: %v\nto get it, run in the module's root, with access to a Go module proxy:\n"+
			"  go build -modfile=tools/s3.mod -o .bin/versitygw-%s %s", serverVersion, err, serverVersion, serverPackage)
	}
	isolate(t)
	root := t.TempDir()
	// In the posix backend a folder of the root is a bucket.
	if err := os.Mkdir(filepath.Join(root, s3Bucket), 0o755); err != nil {
		t.Fatal(err)
	}
	var last error
	for range 5 { // another process may take the free port before the server does
		addr, err := freeAddress()
		if err != nil {
			t.Fatal(err)
		}
		if last = startServer(t, binary, addr, root); last == nil {
			query := url.Values{"endpoint": {"http://" + addr}, "region": {"us-east-1"}, "path_style": {"true"}}
			return "s3://" + s3Bucket + "?" + query.Encode(), filepath.Join(root, s3Bucket)
		}
	}
	t.Fatalf("start versitygw: %v", last)
	return "", ""
}

// isolate keeps the settings of the person who runs the tests out of them.
func isolate(t testing.TB) {
	t.Setenv("AWS_ACCESS_KEY_ID", accessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", secretKey)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	absent := filepath.Join(t.TempDir(), "absent")
	t.Setenv("AWS_CONFIG_FILE", absent)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", absent)
	for _, name := range []string{
		"AWS_CA_BUNDLE", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION",
		"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE",
		"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy",
	} {
		t.Setenv(name, "") // so that its value comes back afterwards
		os.Unsetenv(name)
	}
}

// serverBinary gives the path of the server, building it where it is missing.
func serverBinary(ctx context.Context) (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(root, ".bin")
	binary := filepath.Join(folder, "versitygw-"+serverVersion)
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	// `go test ./...` runs several test programs at once: one builds, the others wait.
	unlock, err := filelock.Lock(ctx, binary+".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	temp := fmt.Sprintf("%s.%d", binary, os.Getpid())
	defer os.Remove(temp)
	build := exec.CommandContext(ctx, "go", "build", "-modfile=tools/s3.mod", "-o", temp, serverPackage)
	build.Dir = root
	// For this machine and without the race detector or coverage of the tests around it.
	build.Env = append(os.Environ(), "GOFLAGS=", "GOOS=", "GOARCH=", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build it: %w\n%s", err, out)
	}
	return binary, os.Rename(temp, binary)
}

func moduleRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "tools", "s3.mod")); err == nil {
			return folder, nil
		}
		up := filepath.Dir(folder)
		if up == folder {
			return "", fmt.Errorf("no tools/s3.mod in the working folder or above it")
		}
		folder = up
	}
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// startServer starts the server and waits until it answers or is gone.
func startServer(t testing.TB, binary, addr, root string) error {
	var log bytes.Buffer
	cmd := exec.Command(binary, "--port", addr, "--keep-alive", "--health", "/healthz", "-q", "posix", root)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+accessKey, "ROOT_SECRET_KEY="+secretKey)
	cmd.Stdout, cmd.Stderr = &log, &log
	exited, err := start(cmd)
	if err != nil {
		return err
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-exited
		if t.Failed() && log.Len() > 0 {
			t.Logf("versitygw said:\n%s", &log)
		}
	})
	client := &http.Client{Transport: &http.Transport{}, Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-exited:
			return fmt.Errorf("it ended at once: %s", &log)
		case <-t.Context().Done():
			return t.Context().Err()
		case <-tick.C:
			if healthy(client, "http://"+addr+"/healthz") {
				return nil
			}
		}
	}
}

func healthy(client *http.Client, url string) bool {
	r, err := client.Get(url)
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}
