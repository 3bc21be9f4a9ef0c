package main

import (
	"context"
	"strings"
	"time"

	"dualwrite/connectors/practice/service"
	"dualwrite/models"
	"dualwrite/views"
)

// switched is what somebody has a practice app do wrong.
type switched struct {
	faults views.PracticeFaults
	by     string
	at     time.Time
}

// gate is what lets calls into an app.
func (s *practiceServers) gate(side models.Side) *service.Gate {
	return [2]*service.Gate{s.Finance.Gate, s.Dataverse.Gate}[side.Index()]
}

// Server implements handlers.PracticeServers.
func (s *practiceServers) Server(side models.Side) views.PracticeServer {
	s.mu.Lock()
	now := s.switched[side.Index()]
	s.mu.Unlock()
	calls := s.gate(side).Calls()
	return views.PracticeServer{Faults: now.faults, By: now.by, At: now.at, Entities: s.entities(side), Tracks: side == models.Right,
		Calls: views.PracticeCalls{All: calls.All, Tokens: calls.Tokens, Throttled: calls.Throttled, Unavailable: calls.Unavailable, Dropped: calls.Dropped, Denied: calls.Denied}}
}

// entities are the sets of an app.
func (s *practiceServers) entities(side models.Side) []string {
	var out []string
	for _, e := range [2]*service.Store{s.Finance.Store(), s.Dataverse.Store()}[side.Index()].Model.Entities {
		out = append(out, e.Set)
	}
	return out
}

// Switch implements handlers.PracticeServers.
func (s *practiceServers) Switch(who string, side models.Side, f views.PracticeFaults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.switched[side.Index()] = switched{f, who, time.Now()}
	seconds := func(n int) time.Duration { return time.Duration(n) * time.Second }
	faults := service.Faults{ThrottleEvery: f.Throttle, UnavailableEvery: f.Unavailable, DropEvery: f.Drop, RetryAfter: seconds(f.Wait),
		Lag: seconds(f.Lag), TokenLife: seconds(f.Token), Down: f.Down, Reject: map[string]string{}}
	message := f.Message
	if message == "" {
		message = views.RefusalMessage
	}
	for _, set := range s.entities(side) {
		if f.Entity == views.EveryEntity || f.Entity == set {
			faults.Reject[set] = message
		}
	}
	s.gate(side).SetFaults(faults)
}

// ExpireCursors implements handlers.PracticeServers.
func (s *practiceServers) ExpireCursors(ctx context.Context, _ models.Side) error {
	return s.Dataverse.ExpireCursors(ctx)
}

// faults says what both apps do wrong at the moment, "" for nothing.
func (s *practiceServers) faults() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for i, now := range s.switched {
		if words := now.faults.Words(); words != "" {
			out = append(out, s.connections[i].Name+": "+words)
		}
	}
	return strings.Join(out, "; ")
}
