package buckettest

import (
	"os/exec"
	"runtime"
	"syscall"
)

// start runs cmd so that it dies with us, even where a test program ends
// without its cleanups, as after a timeout.
func start(cmd *exec.Cmd) (exited <-chan struct{}, err error) {
	started, done := make(chan error), make(chan struct{})
	go func() {
		// The kernel minds the thread that started the process, so it has to stay.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait()
			close(done)
		}
	}()
	return done, <-started
}
