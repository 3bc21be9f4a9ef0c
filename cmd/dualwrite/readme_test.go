//go:build unix

package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// commandsOf lists the lines of the README's shell blocks.
func commandsOf(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(read(t, "README.md"), -1) {
		out = append(out, strings.Split(strings.TrimSpace(block[1]), "\n")...)
	}
	if len(out) < 3 {
		t.Fatalf("the README has %d commands", len(out))
	}
	return out
}

// TestReadmeCommandsDoWhatTheySay runs each command exactly as written. Only
// where data goes and which port is used come from the environment.
func TestReadmeCommandsDoWhatTheySay(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("make is not installed")
	}
	for _, line := range commandsOf(t) {
		cmd := exec.Command("bash", "-c", line)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "DUALWRITE_DATA_DIR="+filepath.Join(t.TempDir(), "data"), "DUALWRITE_ADDR=127.0.0.1:0")
		if line == "make run" {
			runsUntilTold(t, cmd)
			continue
		}
		if out, err := cmd.CombinedOutput(); err != nil || len(out) == 0 && line != "make build" {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
	}
}

// runsUntilTold starts a command that serves, waits for the link that it
// promises, and ends it as Ctrl-C in a terminal does.
func runsUntilTold(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	end := func(signal syscall.Signal) { _ = syscall.Kill(-cmd.Process.Pid, signal) } // it may have ended by itself
	giveUp := time.AfterFunc(2*time.Minute, func() { end(syscall.SIGKILL) })
	defer giveUp.Stop()
	promised := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.Contains(lines.Text(), "/setup?token=") {
			promised = true
			end(syscall.SIGINT)
		}
	}
	if !promised {
		t.Errorf("%s never prints a link", cmd)
	}
	_ = cmd.Wait() // make reports the signal as a failure
}

// TestReadmeNamesWhatIsThere looks for every file, folder and target of make
// that the README speaks of.
func TestReadmeNamesWhatIsThere(t *testing.T) {
	text, makefile := read(t, "README.md"), read(t, "Makefile")
	for _, m := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(text, -1) {
		mustExist(t, m[1])
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z/]+)` \\|").FindAllStringSubmatch(text, -1) {
		mustExist(t, m[1])
	}
	for _, m := range regexp.MustCompile(`\bmake ([a-z]+)`).FindAllStringSubmatch(text, -1) {
		if !strings.Contains(makefile, "\n"+m[1]+":") {
			t.Errorf("there is no target %s", m[1])
		}
	}
	if all, err := practiceMaps(); err != nil || len(all) != 13 || !strings.Contains(text, "thirteen entity maps") {
		t.Errorf("the practice environment has %d maps, which the README does not say: %v", len(all), err)
	}
}

func mustExist(t *testing.T, name string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(name))); err != nil {
		t.Errorf("the README names %s: %v", name, err)
	}
}
