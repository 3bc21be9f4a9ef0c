package practice

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
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
	Tenant       string `json:"tenant"`
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
}

// Addresses are the loopback addresses that the servers listen on. The zero
// value lets the system choose the ports.
type Addresses struct {
	Finance   string // "127.0.0.1:8441"; "" for a port that is free
	Dataverse string
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

// eventInterval is how often subscribers are told of writes.
const eventInterval = 250 * time.Millisecond

// Serve serves the two apps, which must exist, until Close. The credentials are
// made on the first start and kept beside the apps, in practice-credentials.json
// for their owner only.
func Serve(ctx context.Context, apps Apps, at Addresses) (*Servers, error) {
	credentials, err := keepCredentials(filepath.Join(filepath.Dir(apps.Left), "practice-credentials.json"))
	if err != nil {
		return nil, fmt.Errorf("keep the credentials of the practice apps: %w", err)
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &Servers{Credentials: credentials, cancel: cancel}
	if err := s.open(ctx, apps); err != nil {
		return nil, errors.Join(fmt.Errorf("serve the practice apps: %w", err), s.Close())
	}
	for _, one := range []struct {
		address string
		handler http.Handler
		events  *service.Events
		url     *string
	}{{at.Finance, s.Finance, s.Finance.Events(), &s.FinanceURL}, {at.Dataverse, s.Dataverse, s.Dataverse.Events(), &s.DataverseURL}} {
		if *one.url, err = s.listen(running, one.address, one.handler, one.events); err != nil {
			return nil, errors.Join(fmt.Errorf("serve the practice apps: %w", err), s.Close())
		}
	}
	return s, nil
}

// open opens both apps.
func (s *Servers) open(ctx context.Context, apps Apps) error {
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
		address = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "", fmt.Errorf("%s is not a loopback address", address)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
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

// keepCredentials reads the credentials from a file, or makes them and writes it.
func keepCredentials(path string) (Credentials, error) {
	var c Credentials
	content, err := os.ReadFile(path)
	if err == nil {
		return c, json.Unmarshal(content, &c)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return c, err
	}
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails: the program ends instead
	c = Credentials{Tenant: newGUID(), ClientID: newGUID(), ClientSecret: base64.RawURLEncoding.EncodeToString(secret[:])}
	if content, err = json.MarshalIndent(c, "", "  "); err != nil {
		return c, err
	}
	return c, os.WriteFile(path, content, 0o600)
}
