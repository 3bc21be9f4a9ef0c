// Package web is what every request needs: the listener, the ordered
// middleware, sessions, rendering, error pages and the event stream. It knows
// nothing of entity maps.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
)

// Options changes how a server works. The zero value is good for a console on
// loopback.
type Options struct {
	Log *slog.Logger // nil: slog.Default
	// BaseURL is where people reach the console, "" for the listener's own
	// address. Its host is accepted in requests; https makes cookies secure.
	BaseURL string
	// CookieKey signs the session cookie, see CookieKey. nil: a random key, so
	// that everybody signs in again after a restart.
	CookieKey []byte
	// Beat is how often an idle event stream shows that it lives and its session
	// is checked; 0 is 5 s.
	Beat time.Duration
	// Practice says that the console has the pages of the practice apps.
	Practice bool
	// Faults says what the practice apps do wrong on purpose at the moment, "" for
	// nothing; nil where they cannot.
	Faults func() string
}

// Server is the console's HTTP server.
type Server struct {
	store    *models.Store
	log      *slog.Logger
	echo     *echo.Echo
	base     *url.URL // nil: none configured
	sessions *sessionStore
	beat     time.Duration
	practice bool
	faults   func() string
	routes   map[string]Route // by method and path; complete before Open

	mu       sync.Mutex
	http     *http.Server // nil before Open and after Close
	listener net.Listener
	hosts    map[string]bool // accepted in Host besides loopback
	done     chan struct{}   // closed when Close begins
	closed   bool
}

// New makes a server. Fails with kind models.Invalid on a bad base URL.
func New(store *models.Store, opt Options) (*Server, error) {
	s := &Server{store: store, log: opt.Log, beat: opt.Beat, practice: opt.Practice, faults: opt.Faults, routes: map[string]Route{}, hosts: map[string]bool{}, done: make(chan struct{})}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.beat == 0 {
		s.beat = 5 * time.Second
	}
	if opt.BaseURL != "" {
		u, err := url.Parse(opt.BaseURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Path != "" && u.Path != "/" {
			return nil, models.Errorf(models.Invalid, "the base URL %q is not of the form https://host or https://host:port", opt.BaseURL)
		}
		s.base = u
		s.hosts[foldHost(u.Host)] = true
	}
	s.sessions = newSessionStore(store, opt.CookieKey, s.secure())
	s.echo = echo.New()
	s.echo.HideBanner, s.echo.HidePort = true, true
	s.echo.IPExtractor = echo.ExtractIPDirect()
	s.echo.HTTPErrorHandler = s.fail
	s.use()
	return s, nil
}

// secure reports whether browsers reach the console by https.
func (s *Server) secure() bool { return s.base != nil && s.base.Scheme == "https" }

// Open listens on an address such as "127.0.0.1:8080" and serves until Close.
func (s *Server) Open(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return models.Errorf(models.Invalid, "the address %q is not of the form host:port", addr)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.http != nil {
		return errors.New("open server: it is open or closed already")
	}
	if s.listener, err = net.Listen("tcp", addr); err != nil {
		return fmt.Errorf("the console cannot listen at %s (%w); choose another address with --addr", addr, err)
	}
	if host != "" {
		s.hosts[foldHost(host)] = true
	}
	s.http = &http.Server{
		Handler:           s.echo,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	go s.serve(s.http, s.listener)
	return nil
}

func (s *Server) serve(h *http.Server, l net.Listener) {
	if err := h.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
		s.log.Error("console stopped serving", "error", err)
	}
}

// Close ends the event streams, waits for running requests until the context
// ends, and stops listening. It may be called twice, and before Open.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	h := s.http
	s.http = nil
	if !s.closed {
		s.closed = true
		close(s.done)
	}
	s.mu.Unlock()
	if h == nil {
		return nil
	}
	if err := h.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("close server: %w", err), h.Close())
	}
	return nil
}

// Addr is the listener's own address, "" before Open.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return ""
	}
	return s.listener.Addr().String()
}

// URL is where people reach the console, without a slash at the end; "" before
// Open when no base URL is configured.
func (s *Server) URL() string {
	if s.base != nil {
		return s.base.Scheme + "://" + s.base.Host
	}
	host, port, err := net.SplitHostPort(s.Addr())
	if err != nil {
		return ""
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}
