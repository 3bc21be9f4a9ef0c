package practice

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"dualwrite/connectors/practice/cds"
	"dualwrite/connectors/practice/fno"
	"dualwrite/connectors/practice/service"
)

// Credentials are what a client of the practice servers signs in with. They
// are the same for both servers.
type Credentials struct {
	Tenant       string
	ClientID     string
	ClientSecret string
}

// ServeOptions are how the servers are set up. The zero value is good for one
// start: ports that are free, and credentials that nobody has had before.
type ServeOptions struct {
	Finance     string // loopback address: "127.0.0.1:8441"; "" for a port that is free
	Dataverse   string
	Credentials Credentials
}

// Servers are the two practice apps, each served over its real protocol.
type Servers struct {
	Finance      *fno.Server
	Dataverse    *cds.Server
	FinanceURL   string // "http://127.0.0.1:8441"
	DataverseURL string
	Credentials  Credentials

	web    []*http.Server
	cancel context.CancelFunc
	work   sync.WaitGroup
	once   sync.Once
	closed error
}

// anyPort lets the system choose a port that is free.
const anyPort = "127.0.0.1:0"

// eventInterval is how often subscribers are told of writes.
const eventInterval = 100 * time.Millisecond

// Serve serves the two apps, which must exist, until Close. An address that is
// taken makes way for one that is free.
func Serve(ctx context.Context, apps Apps, o ServeOptions) (*Servers, error) {
	if o.Credentials == (Credentials{}) {
		o.Credentials = newCredentials()
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &Servers{Credentials: o.Credentials, cancel: cancel}
	if err := s.open(ctx, apps); err != nil {
		return nil, errors.Join(fmt.Errorf("serve the practice apps: %w", err), s.Close())
	}
	for _, one := range []struct {
		address string
		handler http.Handler
		events  *service.Events
		url     *string
	}{{o.Finance, s.Finance, s.Finance.Events(), &s.FinanceURL}, {o.Dataverse, s.Dataverse, s.Dataverse.Events(), &s.DataverseURL}} {
		var err error
		if *one.url, err = s.listen(running, one.address, one.handler, one.events); err != nil {
			return nil, errors.Join(fmt.Errorf("serve the practice apps: %w", err), s.Close())
		}
	}
	return s, nil
}

// open opens both apps. A file that is missing is not made, for it would be an
// app without records.
func (s *Servers) open(ctx context.Context, apps Apps) error {
	for _, path := range []string{apps.Left, apps.Right} {
		if _, err := os.Stat(path); err != nil {
			return err
		}
	}
	finance, err := financeModel(ctx, apps.Left)
	if err != nil {
		return err
	}
	s.Finance, err = fno.Open(ctx, apps.Left, finance, fno.Options{ClientID: s.Credentials.ClientID, ClientSecret: s.Credentials.ClientSecret,
		Company: strings.ToLower(companies()[0].code)})
	if err != nil {
		return err
	}
	dataverse, err := dataverseModel(ctx, apps.Right)
	if err != nil {
		return err
	}
	s.Dataverse, err = cds.Open(ctx, apps.Right, dataverse, cds.Options{ClientID: s.Credentials.ClientID, ClientSecret: s.Credentials.ClientSecret})
	return err
}

// listen begins to serve on a loopback address and answers its URL.
func (s *Servers) listen(ctx context.Context, address string, handler http.Handler, events *service.Events) (string, error) {
	if address == "" {
		address = anyPort
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "", fmt.Errorf("%s is not a loopback address", address)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil && address != anyPort { // somebody else has it
		listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", anyPort)
	}
	if err != nil {
		return "", err
	}
	web := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	s.web = append(s.web, web)
	s.work.Go(func() { _ = web.Serve(listener) }) // ends with Close
	s.work.Go(func() { tell(ctx, events) })
	return "http://" + listener.Addr().String(), nil
}

// tell tells subscribers of writes until ctx ends. A subscriber that does not
// answer has missed a hint, no more.
func tell(ctx context.Context, events *service.Events) {
	tick := time.NewTicker(eventInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_, _ = events.Deliver(ctx)
		}
	}
}

// Close ends the servers and cuts their connections. Calling it again is
// harmless.
func (s *Servers) Close() error {
	s.once.Do(func() {
		s.cancel()
		for _, w := range s.web {
			s.closed = errors.Join(s.closed, w.Close())
		}
		s.work.Wait()
		if s.Finance != nil {
			s.closed = errors.Join(s.closed, s.Finance.Close())
		}
		if s.Dataverse != nil {
			s.closed = errors.Join(s.closed, s.Dataverse.Close())
		}
	})
	return s.closed
}

// newCredentials makes credentials that nobody can guess.
func newCredentials() Credentials {
	return Credentials{Tenant: newGUID(), ClientID: newGUID(), ClientSecret: rand.Text()}
}
