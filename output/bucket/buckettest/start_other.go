//go:build !linux

package buckettest

import "os/exec"

func start(cmd *exec.Cmd) (exited <-chan struct{}, err error) {
	done := make(chan struct{})
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		cmd.Wait()
		close(done)
	}()
	return done, nil
}
