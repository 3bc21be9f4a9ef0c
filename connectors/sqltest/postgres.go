package sqltest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// postgresAccount is the system account that PostgreSQL runs as when the tests
// run as the superuser.
const postgresAccount = "postgres"

type postgres struct {
	initdb, server, psql string
	settings             []string
}

// NewPostgres returns a PostgreSQL server that is not started. Its accounts log
// in with a password over the network and without one on the socket. Settings,
// as "name=value", take the place of the frugal ones of a test.
func NewPostgres(settings ...string) *Server { return &Server{program: &postgres{settings: settings}} }

func (p *postgres) find() error {
	var err error
	for name, path := range map[string]*string{"initdb": &p.initdb, "postgres": &p.server, "psql": &p.psql} {
		if *path, err = lookPath(name, "/usr/lib/postgresql/*/bin/"+name); err != nil {
			return fmt.Errorf("PostgreSQL: %w", err)
		}
	}
	return nil
}

func (p *postgres) prepare(dir string) error {
	if err := give(dir, postgresAccount); err != nil {
		return err
	}
	password := filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte(Password), 0o600); err != nil {
		return err
	}
	if err := give(password, postgresAccount); err != nil {
		return err
	}
	cmd := exec.Command(p.initdb, "--pgdata", filepath.Join(dir, "data"), "--no-sync", "--username", p.account(),
		"--encoding", "UTF8", "--locale", "C.UTF-8", "--auth-local", "trust", "--auth-host", "scram-sha-256", "--pwfile", password)
	cmd.Dir = dir
	if err := runAs(cmd, postgresAccount); err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

func (p *postgres) command(dir string, port int) command {
	cmd := exec.Command(p.server, "-D", filepath.Join(dir, "data"), "-p", strconv.Itoa(port), "-k", dir,
		"-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off",
		"-c", "max_connections=200", "-c", "shared_buffers=32MB", "-c", "autovacuum=off", "-c", "lc_messages=C",
		"-c", "logging_collector=off", "-c", "log_destination=stderr", "-c", "max_prepared_transactions=10")
	for _, setting := range p.settings {
		cmd.Args = append(cmd.Args, "-c", setting)
	}
	cmd.Dir = dir
	// The account is known: prepare would have failed.
	_ = runAs(cmd, postgresAccount)
	return command{cmd: cmd, ready: "database system is ready to accept connections", end: syscall.SIGINT}
}

func (p *postgres) script(dir string, port int, database, statements string) (string, error) {
	if database == "" {
		database = "postgres"
	}
	cmd := exec.Command(p.psql, "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--field-separator", "\t",
		"--set", "ON_ERROR_STOP=1", "--host", dir, "--port", strconv.Itoa(port), "--username", p.account(), "--dbname", database, "--file", "-")
	cmd.Stdin = strings.NewReader(statements)
	cmd.Env = append(os.Environ(), "PGCLIENTENCODING=UTF8")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (p *postgres) create(name string) string { return "CREATE DATABASE " + name }

func (p *postgres) socket(dir string) string { return dir }

func (p *postgres) account() string { return "postgres" }
