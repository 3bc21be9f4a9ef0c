// Package sqltest starts throw-away database servers for tests: PostgreSQL and
// MariaDB, each on a free loopback port and a unix socket, with its data in a
// temporary folder. It uses the programs that are installed, knows no driver,
// and ends only what it started. Only tests import it.
package sqltest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Password is the password of every account that this package makes.
const Password = "throw-away 'password'"

// Server is one server of a test binary, started when the first test asks for a
// database. TestMain owns it: it ends with Server.Run.
type Server struct {
	program program

	mu        sync.Mutex
	started   bool
	failed    error
	dir       string
	port      int
	process   *process
	databases int
}

// program is what differs between the kinds of servers.
type program interface {
	// find looks the programs up; its error is a missing one.
	find() error
	// prepare makes the data in the folder.
	prepare(dir string) error
	// command starts the server on data that was prepared.
	command(dir string, port int) command
	// script runs statements as the administrator, in a database or, where
	// that is empty, in none.
	script(dir string, port int, database, statements string) (string, error)
	// create is the statement that makes a database.
	create(name string) string
	// socket is where the server listens besides its port.
	socket(dir string) string
	// account is the administrator who may log in over the network.
	account() string
}

// errMissing is the absence of a server's programs. Its text is the reason of a
// skip, and says "installed" because the summary of the tests looks for that.
var errMissing = errors.New("is not installed")

// Run runs the tests, ends the server and returns what to exit with.
func (s *Server) Run(m *testing.M) int {
	defer s.Close()
	return m.Run()
}

// Close ends the server, if it runs, and removes its folder.
func (s *Server) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		s.process.kill()
		s.process = nil
	}
	if s.dir != "" {
		os.RemoveAll(s.dir)
		s.dir = ""
	}
}

// start starts the server once, skips the test where it is not installed and
// fails it where it does not start.
func (s *Server) start(t testing.TB) {
	t.Helper()
	if !s.started {
		s.started = true
		s.failed = s.open()
	}
	switch {
	case errors.Is(s.failed, errMissing):
		t.Skip(s.failed)
	case s.failed != nil:
		t.Fatal(s.failed)
	case s.process == nil:
		t.Fatal("the server is closed")
	}
}

func (s *Server) open() error {
	if err := s.program.find(); err != nil {
		return err
	}
	// The folder's name is short because the path of a unix socket may have
	// 107 bytes, which the temporary folder of a test exceeds.
	dir, err := os.MkdirTemp("", "dw")
	if err != nil {
		return err
	}
	s.dir = dir
	if err := s.program.prepare(dir); err != nil {
		return fmt.Errorf("prepare %s: %w", filepath.Base(dir), err)
	}
	for range starts {
		if s.port, err = freePort(); err != nil {
			return err
		}
		if s.process, err = startProcess(s.program.command(dir, s.port)); err == nil {
			return nil
		}
	}
	return err
}

// starts is how often a server is started anew because somebody else has taken
// the port, which was free a moment before.
const starts = 3

// Restart ends the server as an administrator would, which breaks every
// connection, and starts it again at the same address with the same data.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.Stop(t)
	s.Start(t)
}

// Stop ends the server and keeps its data, until Start.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.start(t)
	if err := s.process.stop(); err != nil {
		t.Fatal(err)
	}
}

// Start starts the server again after Stop.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.start(t)
	process, err := startProcess(s.program.command(s.dir, s.port))
	if err != nil {
		t.Fatal(err)
	}
	s.process = process
}

// Database makes an empty database and starts the server if it does not run. The
// test is skipped where the server is not installed.
func (s *Server) Database(t testing.TB) Database {
	t.Helper()
	name := s.name(t)
	database := Database{
		Host: "127.0.0.1", Port: s.port, Socket: s.program.socket(s.dir),
		Name: name, User: s.program.account(), Password: Password, server: s,
	}
	if out, err := s.program.script(s.dir, s.port, "", s.program.create(name)); err != nil {
		t.Fatalf("create database %s: %v: %s", name, err, out)
	}
	return database
}

// name returns a name that no database of the server has.
func (s *Server) name(t testing.TB) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.start(t)
	s.databases++
	return fmt.Sprintf("test_%d", s.databases)
}

// Database is one database and how its owner reaches it.
type Database struct {
	// Host and Port are where the server listens.
	Host string
	Port int
	// Socket is the path of the unix socket; of PostgreSQL, its folder.
	Socket string
	// Name is the database's own.
	Name string
	// User may do everything there, with Password.
	User     string
	Password string

	server *Server
}

// Exec runs statements as the server's administrator and returns what they
// print, a line for each row with tabs between the columns. A test fails with
// the first statement that does.
func (d Database) Exec(t testing.TB, statements ...string) string {
	t.Helper()
	out, err := d.server.program.script(d.server.dir, d.server.port, d.Name, strings.Join(statements, ";\n"))
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return out
}

// Server returns the server that the database is on.
func (d Database) Server() *Server { return d.server }
