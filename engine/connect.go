package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"dualwrite/connectors"
	"dualwrite/models"
)

// connectPatience is how long a person who asks after an app is kept waiting.
const connectPatience = 10 * time.Second

// Probe is what a test of a connection found out.
type Probe struct {
	Account string        // whom the app takes us for
	Product string        // name and version of the app
	Skew    time.Duration // the app's clock minus ours
	Latency time.Duration
	Missing []string // rights and settings that are missing, in words
	Script  string   // what an administrator of the app can run to give them
	Problem string   // why the app cannot be used at all, "" if it can
	Field   string   // the setting at fault, "" if none is known
}

// TestConnection opens an app with settings as they would be, asks after its
// health and closes it again. It answers within connectPatience, whatever the
// app does, and touches nothing there.
func (e *Engine) TestConnection(ctx context.Context, kind string, settings map[string]string) Probe {
	ctx, cancel := context.WithTimeout(ctx, connectPatience)
	defer cancel()
	answer := make(chan Probe, 1)
	go func() { answer <- e.probe(ctx, kind, settings) }() // ends soon after ctx, as every call of a connector does
	select {
	case p := <-answer:
		return p
	case <-ctx.Done():
		return Probe{Problem: silent()}
	}
}

func silent() string {
	return fmt.Sprintf("The app does not answer within %d seconds. Check the address, and that nothing between here and there is closed.", int(connectPatience.Seconds()))
}

func (e *Engine) probe(ctx context.Context, kind string, settings map[string]string) Probe {
	open := e.apps.openers[kind]
	if open == nil {
		return Probe{Problem: fmt.Sprintf("This program does not know apps of the kind %q.", kind)}
	}
	c, err := open(ctx, settings)
	if err != nil {
		return failedProbe(ctx, err, settings)
	}
	defer func() { _ = c.Close() }() // what it was opened for is done
	h, err := c.Health(ctx)
	if err != nil {
		return failedProbe(ctx, err, settings)
	}
	return Probe{Account: h.Account, Product: h.Product, Skew: h.Skew, Latency: h.Latency, Missing: h.Missing, Script: h.Script}
}

// failedProbe says why an app cannot be used. A driver may repeat what it was
// given, so what is secret is taken out of its words (I9).
func failedProbe(ctx context.Context, err error, settings map[string]string) Probe {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return Probe{Problem: silent()}
	}
	var app *connectors.Error
	if !errors.As(err, &app) {
		return Probe{Problem: "The app cannot be used. The log holds the detail."}
	}
	words := app.Message
	if words == "" && app.Err != nil {
		words = app.Err.Error()
	}
	return Probe{Field: app.Field, Problem: kindWords(app.Kind) + conceal(words, settings)}
}

// kindWords begins a sentence about a failure.
func kindWords(k connectors.Kind) string {
	switch k {
	case connectors.Unreachable, connectors.Transient:
		return "The app cannot be reached: "
	case connectors.Denied:
		return "The app refuses us: "
	case connectors.Throttled:
		return "The app asks for fewer calls, try again later: "
	default:
		return ""
	}
}

// shortestSecret is how many characters a setting needs to be worth hiding: less
// would blot out ordinary words.
const shortestSecret = 4

// conceal blots out of a text what settings hold that say who we are.
func conceal(text string, settings map[string]string) string {
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if value := settings[name]; len(value) >= shortestSecret && hushed(name) {
			text = strings.ReplaceAll(text, value, "•••")
		}
	}
	return text
}

// hushed reports whether a setting holds a secret in clear.
func hushed(name string) bool {
	return strings.Contains(name, "password") || strings.Contains(name, "secret") || name == "token"
}

// Reconnect has everything that works with a connection's app open it anew, with
// the settings that are stored now. Steps under way end first or fail, and are
// repeated (I6).
func (e *Engine) Reconnect(ctx context.Context, connection int64) error {
	all, err := e.store.MapHeads(ctx)
	if err != nil {
		return err
	}
	uses := map[int64]bool{}
	for i := range all {
		keys, err := e.feedKeys(ctx, &all[i])
		if err != nil {
			return err
		}
		if keys[0].connection == connection || keys[1].connection == connection {
			uses[all[i].ID] = true
		}
	}
	e.sched.leave(connection, uses)
	err = e.apps.drop(connection)
	e.wakeAll()
	return err
}

// leave has the runners of maps and feeds end after the step under way. Those
// that are still wanted are begun anew.
func (s *scheduler) leave(connection int64, maps map[int64]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, r := range s.maps {
		if maps[id] {
			r.leaving = true
			r.cancel()
		}
	}
	for key, r := range s.feeds {
		if key.connection == connection {
			r.leaving = true
			r.cancel()
		}
	}
}

// drop closes the app of a connection; who needs it opens it again.
func (a *apps) drop(id int64) error {
	a.mu.Lock()
	got := a.open[id]
	delete(a.open, id)
	a.mu.Unlock()
	if got == nil {
		return nil
	}
	return got.Close()
}

// asked gives an app's failure to answer a person a message of kind Invalid.
func asked(name string, err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return &models.Error{Kind: models.Invalid, Message: name + ": " + silent(), Err: err}
	}
	var app *connectors.Error
	if errors.As(err, &app) {
		return &models.Error{Kind: models.Invalid, Message: fmt.Sprintf("%s cannot be asked: %s. Test the connection and try again", name, app.Error()), Err: err}
	}
	return err
}
