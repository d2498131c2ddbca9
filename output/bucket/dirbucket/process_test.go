package dirbucket

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"iltizam/output/bucket"
)

const shared = "ILTIZAM_TEST_SHARED_BUCKET"

// Several processes count in one object by compare-and-swap; no step is lost.
func TestProcessesShareAFolder(t *testing.T) {
	const processes, steps = 3, 15
	if root := os.Getenv(shared); root != "" {
		if err := count(t, open(t, root), steps); err != nil {
			t.Fatal(err)
		}
		return
	}
	root := t.TempDir()
	b := open(t, root)
	if err := put(b, t, "n", "0"); err != nil {
		t.Fatal(err)
	}
	var running []*exec.Cmd
	for range processes {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProcessesShareAFolder$", "-test.v")
		cmd.Env = append(os.Environ(), shared+"="+root)
		cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		running = append(running, cmd)
	}
	for _, cmd := range running {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	if got, _, err := number(t, b); err != nil || got != processes*steps {
		t.Errorf("counted %d of %d: %v", got, processes*steps, err)
	}
}

func count(t *testing.T, b *Bucket, steps int) error {
	for done := 0; done < steps; {
		n, etag, err := number(t, b)
		if err != nil {
			return err
		}
		_, err = b.Put(t.Context(), "n", bucket.Bytes([]byte(strconv.Itoa(n+1))), bucket.Cond{IfMatch: etag})
		switch {
		case err == nil:
			done++
		case !errors.Is(err, bucket.ErrPrecondition):
			return err
		}
	}
	return nil
}

func number(t *testing.T, b *Bucket) (int, string, error) {
	r, o, err := b.Get(t.Context(), "n")
	if err != nil {
		return 0, "", err
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		return 0, "", err
	}
	n, err := strconv.Atoi(string(text))
	if err != nil {
		return 0, "", fmt.Errorf("half an object: %w", err)
	}
	return n, o.ETag, nil
}
