package main

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary builds the program, once, as it is released.
func binary(t testing.TB) string {
	t.Helper()
	path := filepath.Join(templates.root, "bin", "dualwrite")
	templates.built.Do(func() {
		build := exec.Command("go", "build", "-trimpath", "-o", path, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build the program: %v\n%s", err, out)
		}
	})
	return path
}

// process is the real program as a process of its own.
type process struct {
	t      testing.TB
	cmd    *exec.Cmd
	url    string // of the console
	setup  string // the link for the first administrator, "" if there is none
	errors bytes.Buffer
	exit   func() int // waits for the end and gives the exit code, -1 for a signal
}

// spawn starts the program on a data folder and does not wait for it.
func spawn(t testing.TB, dir string, flags ...string) (p *process, output *bufio.Scanner) {
	t.Helper()
	p = &process{t: t, cmd: exec.Command(binary(t), append([]string{"serve", "--data-dir", dir, "--addr", "127.0.0.1:0"}, flags...)...)}
	p.cmd.Stderr = &p.errors
	stdout, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	p.exit = sync.OnceValue(func() int {
		var failed *exec.ExitError
		if err := p.cmd.Wait(); err != nil && !errors.As(err, &failed) {
			t.Error(err)
		}
		return p.cmd.ProcessState.ExitCode()
	})
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // most have ended by now
		p.exit()
	})
	return p, bufio.NewScanner(stdout)
}

// serve starts the program and waits until it says where the console is.
func serve(t testing.TB, dir string, flags ...string) *process {
	t.Helper()
	p, output := spawn(t, dir, flags...)
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	link := regexp.MustCompile(`http://\S+/setup\?token=\S+`)
	for p.url == "" && output.Scan() {
		p.url = address.FindString(output.Text())
	}
	if p.url == "" {
		t.Fatalf("the program says nowhere that it listens; exit code %d\n%s", p.exit(), &p.errors)
	}
	rest := make(chan struct{})
	go func() {
		defer close(rest)
		for output.Scan() {
			if found := link.FindString(output.Text()); found != "" {
				p.setup = found
				return
			}
		}
	}()
	select {
	case <-rest:
	case <-time.After(time.Second): // there is a user already: no link comes
	}
	return p
}

// terminate ends the program as a service manager does. Fails the test unless it
// ends well within seconds.
func (p *process) terminate() {
	p.t.Helper()
	begin := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if code := p.exit(); code != 0 {
		p.t.Errorf("the program ended with code %d\n%s", code, &p.errors)
	}
	if took := time.Since(begin); took > 5*time.Second {
		p.t.Errorf("the program took %v to end", took)
	}
}

// kill ends the program between any two instructions.
func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	p.exit()
}
