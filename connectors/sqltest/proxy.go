package sqltest

import (
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
)

// Direction is the way that bytes go through a Proxy.
type Direction int

// The ways.
const (
	ToServer Direction = iota
	ToClient
)

// Proxy is a way to a server over loopback that can be cut: at a byte, at a
// message or at once. Messages are the packets of the network as they arrive,
// of which a client that waits for its answers sends one for each statement.
type Proxy struct {
	// Host and Port are where clients reach the server through the proxy.
	Host string
	Port int

	target   string
	listener net.Listener
	work     sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	refuses  bool
	links    map[*link]struct{}
	cut      *cut
	messages [2]int
}

// cut is an order to cut all connections.
type cut struct {
	way      Direction
	messages int // these pass before
	bytes    int // these pass of the next message, or of all if messages is -1
	done     chan struct{}
}

// link is one connection through the proxy.
type link struct{ client, server net.Conn }

// NewProxy starts a way to a database that ends with the test.
func NewProxy(t testing.TB, database Database) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{
		Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, listener: listener, links: map[*link]struct{}{},
		target: net.JoinHostPort(database.Host, strconv.Itoa(database.Port)),
	}
	p.work.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// Through returns the database as it is reached through the proxy.
func (p *Proxy) Through(d Database) Database {
	d.Host, d.Port, d.Socket = p.Host, p.Port, ""
	return d
}

// CutAtMessage lets n more messages pass one way, then cuts every connection in
// place of the next. The channel closes when that was done.
func (p *Proxy) CutAtMessage(way Direction, n int) <-chan struct{} {
	return p.order(&cut{way: way, messages: n, done: make(chan struct{})})
}

// CutAtByte lets n more bytes pass one way, then cuts every connection. The
// channel closes when that was done.
func (p *Proxy) CutAtByte(way Direction, n int) <-chan struct{} {
	return p.order(&cut{way: way, messages: -1, bytes: n, done: make(chan struct{})})
}

// Messages returns how many messages passed one way since the proxy began.
func (p *Proxy) Messages(way Direction) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.messages[way]
}

// Cut cuts every connection now and takes back an order that is not done.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = nil
	p.drop()
}

// Refuse says whether new connections are refused, as those of a server that is
// away are.
func (p *Proxy) Refuse(refuses bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuses = refuses
}

func (p *Proxy) order(c *cut) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = c
	return c.done
}

func (p *Proxy) close() {
	p.mu.Lock()
	p.closed = true
	p.listener.Close()
	p.drop()
	p.mu.Unlock()
	p.work.Wait()
}

func (p *Proxy) drop() {
	for l := range p.links {
		l.close()
		delete(p.links, l)
	}
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			client.Close()
			continue
		}
		l := &link{client: client, server: server}
		if !p.add(l) {
			l.close()
			continue
		}
		p.work.Go(func() { p.carry(l, ToServer, client, server) })
		p.work.Go(func() { p.carry(l, ToClient, server, client) })
	}
}

func (p *Proxy) add(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.refuses {
		return false
	}
	p.links[l] = struct{}{}
	return true
}

// carry copies one way of a connection until an end of it closes or it is cut.
func (p *Proxy) carry(l *link, way Direction, from io.Reader, to io.Writer) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !p.pass(to, way, buffer[:n]) || err != nil {
			p.mu.Lock()
			defer p.mu.Unlock()
			delete(p.links, l)
			l.close()
			return
		}
	}
}

// pass hands a message on and reports whether the connection still stands.
func (p *Proxy) pass(to io.Writer, way Direction, message []byte) bool {
	p.mu.Lock()
	p.messages[way]++
	c, here := p.cut, len(message)
	if c != nil && c.way == way {
		here = c.take(len(message))
	}
	p.mu.Unlock()
	_, err := to.Write(message[:here])
	if err != nil || here == len(message) {
		return err == nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut == c {
		p.cut = nil
		p.drop()
		close(c.done)
	}
	return false
}

// take returns how many bytes of a message of n bytes pass.
func (c *cut) take(n int) int {
	switch {
	case c.messages > 0:
		c.messages--
		return n
	case c.messages == 0:
		return 0
	}
	here := min(n, c.bytes)
	c.bytes -= here
	return here
}

func (l *link) close() {
	l.client.Close()
	l.server.Close()
}
