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

// mariadbAccount is the system account that MariaDB runs as when the tests run
// as the superuser.
const mariadbAccount = "mysql"

type mariadb struct {
	install, server, client string
	flags                   []string
}

// NewMariaDB returns a MariaDB server that is not started. Its account dualwrite
// may do everything, with a password over the network and on the socket. Flags
// are the server's own ("--log-bin") and win over ours.
func NewMariaDB(flags ...string) *Server { return &Server{program: &mariadb{flags: flags}} }

func (p *mariadb) find() error {
	var err error
	for _, each := range []struct {
		name, pattern string
		path          *string
	}{
		{"mariadbd", "/usr/sbin/mariadbd", &p.server},
		{"mariadb-install-db", "/usr/bin/mariadb-install-db", &p.install},
		{"mariadb", "/usr/bin/mariadb", &p.client},
	} {
		if *each.path, err = lookPath(each.name, each.pattern); err != nil {
			return fmt.Errorf("MariaDB: %w", err)
		}
	}
	return nil
}

func (p *mariadb) prepare(dir string) error {
	if err := give(dir, mariadbAccount); err != nil {
		return err
	}
	accounts := "CREATE USER IF NOT EXISTS dualwrite@'%' IDENTIFIED BY '" + strings.ReplaceAll(Password, "'", "''") + "';\n" +
		"GRANT ALL ON *.* TO dualwrite@'%' WITH GRANT OPTION;\n"
	if err := os.WriteFile(p.accounts(dir), []byte(accounts), 0o644); err != nil {
		return err
	}
	cmd := exec.Command(p.install, "--no-defaults", "--datadir="+p.data(dir), "--auth-root-authentication-method=normal",
		"--skip-test-db", "--skip-name-resolve")
	cmd.Args = append(cmd.Args, p.user()...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("mariadb-install-db: %w: %s", err, out)
	}
	return nil
}

// command gives each server its own folder for temporary tables: one that starts
// removes what it finds there.
func (p *mariadb) command(dir string, port int) command {
	cmd := exec.Command(p.server, "--no-defaults", "--datadir="+p.data(dir), "--port="+strconv.Itoa(port),
		"--bind-address=127.0.0.1", "--socket="+p.socket(dir), "--pid-file="+filepath.Join(dir, "pid"), "--init-file="+p.accounts(dir), "--tmpdir="+dir,
		"--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync",
		"--innodb-buffer-pool-size=32M", "--innodb-log-file-size=16M", "--innodb-doublewrite=0", "--innodb-fast-shutdown=2",
		"--max-connections=300", "--character-set-server=utf8mb4", "--log-warnings=0", "--lower-case-table-names=0")
	cmd.Args = append(append(cmd.Args, p.flags...), p.user()...)
	return command{cmd: cmd, ready: "ready for connections", end: syscall.SIGTERM}
}

func (p *mariadb) script(dir string, _ int, database, statements string) (string, error) {
	cmd := exec.Command(p.client, "--no-defaults", "--batch", "--skip-column-names", "--raw", "--default-character-set=utf8mb4",
		"--socket="+p.socket(dir), "--user=root", "--database="+database)
	cmd.Stdin = strings.NewReader(statements)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (p *mariadb) create(name string) string { return "CREATE DATABASE " + name }

func (p *mariadb) socket(dir string) string { return filepath.Join(dir, "socket") }

func (p *mariadb) account() string { return "dualwrite" }

func (p *mariadb) data(dir string) string { return filepath.Join(dir, "data") }

// accounts is the file of statements that the server runs when it starts.
func (p *mariadb) accounts(dir string) string { return filepath.Join(dir, "accounts.sql") }

// user names the account to run as, for a superuser, which the server asks for.
func (p *mariadb) user() []string {
	if os.Geteuid() != 0 {
		return nil
	}
	return []string{"--user=" + mariadbAccount}
}
