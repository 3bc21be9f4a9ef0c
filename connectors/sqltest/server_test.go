package sqltest_test

import (
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"dualwrite/connectors/sqltest"
)

// servers are what TestMain ends.
var servers = map[string]*sqltest.Server{"postgres": sqltest.NewPostgres(), "mariadb": sqltest.NewMariaDB()}

func TestMain(m *testing.M) {
	status := m.Run()
	for _, server := range servers {
		server.Close()
	}
	os.Exit(status)
}

func TestDatabasesAreApartAndOutliveARestart(t *testing.T) {
	for name, server := range servers {
		t.Run(name, func(t *testing.T) {
			first, second := server.Database(t), server.Database(t)
			first.Exec(t, "CREATE TABLE same (a int, b varchar(10))", "INSERT INTO same VALUES (1, 'é')")
			second.Exec(t, "CREATE TABLE same (a int)")
			server.Restart(t)
			if got := strings.TrimSpace(first.Exec(t, "SELECT a, b FROM same")); got != "1\té" {
				t.Errorf("got %q after a restart", got)
			}
			if got := strings.TrimSpace(second.Exec(t, "SELECT count(*) FROM same")); got != "0" {
				t.Errorf("the second database has %s rows of the first", got)
			}
		})
	}
}

func TestAProxyCutsWhereItIsTold(t *testing.T) {
	server := echo(t)
	proxy := sqltest.NewProxy(t, server)
	say := func(conn net.Conn, message string) string {
		t.Helper()
		if _, err := conn.Write([]byte(message)); err != nil {
			return ""
		}
		answer := make([]byte, len(message))
		n, _ := io.ReadFull(conn, answer)
		return string(answer[:n])
	}
	for _, test := range []struct {
		name  string
		order func() <-chan struct{}
		want  []string
	}{
		{"second message to the server", func() <-chan struct{} { return proxy.CutAtMessage(sqltest.ToServer, 1) }, []string{"one", ""}},
		{"first answer", func() <-chan struct{} { return proxy.CutAtMessage(sqltest.ToClient, 0) }, []string{""}},
		{"fifth byte", func() <-chan struct{} { return proxy.CutAtByte(sqltest.ToClient, 5) }, []string{"one", "tw"}},
		{"never", func() <-chan struct{} { return nil }, []string{"one", "two"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn := dial(t, proxy)
			done := test.order()
			for i, want := range test.want {
				if got := say(conn, []string{"one", "two"}[i]); got != want {
					t.Errorf("message %d: got %q, want %q", i, got, want)
				}
			}
			if done != nil {
				<-done
			}
		})
	}
}

func dial(t *testing.T, proxy *sqltest.Proxy) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", net.JoinHostPort(proxy.Host, strconv.Itoa(proxy.Port)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// echo is a server that says what it hears.
func echo(t *testing.T) sqltest.Database {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = io.Copy(conn, conn)
			}()
		}
	}()
	return sqltest.Database{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port}
}
