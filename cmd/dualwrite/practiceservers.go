package main

import (
	"context"
	"net"
	"net/url"

	"dualwrite/connectors/practice"
	"dualwrite/connectors/practice/service"
	"dualwrite/handlers"
	"dualwrite/models"
)

// practiceCredentials are what the program signs in to the practice apps with; a
// secret is made where there is none.
func practiceCredentials(secret string) practice.Credentials {
	if secret == "" {
		secret = models.NewSecret()
	}
	return practice.Credentials{Tenant: "practice", ClientID: practiceClient, ClientSecret: secret}
}

// find looks for the environment of the practice apps.
func (s *practiceServers) find(ctx context.Context) (bool, error) {
	all, err := s.store.Environments(ctx)
	if err != nil {
		return false, err
	}
	for _, s.environment = range all {
		ours := true
		for i, side := range models.Sides {
			if s.connections[i], err = s.store.ConnectionByID(ctx, s.environment.ConnectionID(side)); err != nil {
				return false, err
			}
			ours = ours && s.connections[i].Kind == [2]string{"finops", "dataverse"}[i] && s.connections[i].Settings["client_id"] == practiceClient
		}
		if ours {
			return true, nil
		}
	}
	return false, nil
}

// secret is what both connections keep as the application's secret, "" if one
// has none, another, or one that cannot be unsealed.
func (s *practiceServers) secret(ctx context.Context) string {
	var kept [2]string
	for i := range s.connections {
		settings, err := s.store.OpenSettings(ctx, &s.connections[i])
		if err != nil {
			return ""
		}
		kept[i] = settings["client_secret"]
	}
	if kept[0] != kept[1] {
		return ""
	}
	return kept[0]
}

// keep has both connections lead to where the apps are served, with the secret
// that they ask for.
func (s *practiceServers) keep(ctx context.Context) error {
	secrets := map[string]string{"client_secret": s.Credentials.ClientSecret}
	if s.secret(ctx) == s.Credentials.ClientSecret {
		secrets = nil
	}
	for side := range s.connections {
		c, settings := &s.connections[side], s.settings(side)
		if secrets == nil && c.Settings["url"] == settings["url"] && c.Settings["token_url"] == settings["token_url"] {
			continue
		}
		if err := s.store.MoveConnection(ctx, c.ID, settings, secrets); err != nil {
			return err
		}
	}
	return nil
}

// register has the apps tell the console of changes. It listens at an address of
// this machine.
func (s *practiceServers) register(ctx context.Context, listens string) error {
	host, port, err := net.SplitHostPort(listens)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	s.mu.Lock()
	s.console = net.JoinHostPort(host, port)
	s.mu.Unlock()
	for _, c := range s.connections {
		if err := s.rehook(ctx, c.ID); err != nil {
			return err
		}
	}
	return nil
}

// rehook has the app of a connection tell of changes at the address that is good
// now, making one where there is none. It leaves connections to other apps alone.
func (s *practiceServers) rehook(ctx context.Context, connection int64) error {
	s.mu.Lock()
	console := s.console
	s.mu.Unlock()
	if console == "" {
		return nil // register is yet to come
	}
	for side, c := range s.connections {
		if c.ID != connection {
			continue
		}
		hook, err := s.store.Hook(ctx, c.ID)
		if kind := models.KindOf(err); err != nil && (kind == models.NotFound || kind == models.Invalid) {
			hook, err = s.store.RenewHook(ctx, models.System, c.ID)
		}
		if err != nil {
			return err
		}
		events := [2]*service.Events{s.Finance.Events(), s.Dataverse.Events()}[side]
		return events.Hint(ctx, "http://"+console+handlers.HookPath(hook))
	}
	return nil
}

// settings are those of a connection that say where its app is served, and to whom.
func (s *practiceServers) settings(side int) map[string]string {
	address := [2]string{s.FinanceURL, s.DataverseURL}[side]
	return map[string]string{"url": address, "token_url": address + "/" + s.Credentials.Tenant + "/oauth2/v2.0/token", "client_id": s.Credentials.ClientID}
}

// authority is host and port of an address, "" for what is none.
func authority(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
