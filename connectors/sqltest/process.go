package sqltest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// patience is how long a server may take to start or to end.
const patience = time.Minute

// command is how a server is started and ended.
type command struct {
	cmd *exec.Cmd
	// ready is in the line of the log which says that clients may connect.
	ready string
	// end asks the server to end without waiting for its clients.
	end os.Signal
}

// process is a server that was started.
type process struct {
	command
	done chan struct{}
}

// startProcess starts a server and returns when it takes connections. It ends
// with this process, however that ends, where the system can see to it.
func startProcess(c command) (*process, error) {
	reader, writer := io.Pipe()
	c.cmd.Stdout, c.cmd.Stderr = writer, writer
	endWithParent(c.cmd)
	p := &process{command: c, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The system ties a child's life to the thread that started it.
		runtime.LockOSThread()
		err := c.cmd.Start()
		started <- err
		if err == nil {
			_ = c.cmd.Wait()
		}
		writer.Close()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", c.cmd.Path, err)
	}
	ready, log := make(chan struct{}), make(chan string, 1)
	go follow(reader, c.ready, ready, log)
	select {
	case <-ready:
		return p, nil
	case <-p.done:
		return nil, fmt.Errorf("%s ended at once: %s", c.cmd.Path, <-log)
	case <-time.After(patience):
		p.kill()
		return nil, fmt.Errorf("%s does not start: %s", c.cmd.Path, <-log)
	}
}

// follow reads a log to its end, says when the line was there, and what the log
// said before it.
func follow(reader io.Reader, line string, ready chan<- struct{}, log chan<- string) {
	var said strings.Builder
	lines := bufio.NewScanner(reader)
	lines.Buffer(nil, 1<<20)
	found := false
	for lines.Scan() {
		if found {
			continue
		}
		said.WriteString("\n" + lines.Text())
		if strings.Contains(lines.Text(), line) {
			found = true
			close(ready)
		}
	}
	log <- said.String()
	_, _ = io.Copy(io.Discard, reader)
}

// stop ends the server as its administrator would.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(p.end); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", p.cmd.Path, err)
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(patience):
		p.kill()
		return fmt.Errorf("%s did not end", p.cmd.Path)
	}
}

// kill ends the server at once; its data is to be removed.
func (p *process) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGQUIT)
	select {
	case <-p.done:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// freePort returns a port of the loopback interface that nobody listens on.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
