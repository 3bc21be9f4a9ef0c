package models

import (
	"strings"
	"testing"
)

func TestAHookIsGoodUntilItIsRenewedOrItsConnectionGone(t *testing.T) {
	s, _, c := secretStore(t)
	if _, err := s.Hook(t.Context(), c.ID); KindOf(err) != NotFound {
		t.Errorf("before one was made: %v", err)
	}
	first, err := s.RenewHook(t.Context(), "ann", c.ID)
	if err != nil {
		t.Fatal(err)
	}
	is := func(hook string, good bool) {
		t.Helper()
		id, err := s.ConnectionOfHook(t.Context(), hook)
		if good && (err != nil || id != c.ID) || !good && KindOf(err) != NotFound {
			t.Errorf("%q belongs to %d, %v", hook, id, err)
		}
	}
	if kept, err := s.Hook(t.Context(), c.ID); kept != first || err != nil {
		t.Errorf("%q is kept, %v", kept, err)
	}
	is(first, true)
	for _, bad := range []string{"", "-", "1", "1-", "2" + first[1:], "0" + first, strings.ToUpper(first), first + "x", first[:len(first)-1], "x-y"} {
		is(bad, false)
	}
	second, err := s.RenewHook(t.Context(), "ann", c.ID)
	if err != nil || second == first {
		t.Fatalf("renewed as %q, %v", second, err)
	}
	is(first, false)
	is(second, true)
	if settings, err := s.OpenSettings(t.Context(), &c); err != nil || strings.Contains(strings.Join([]string{settings["hook"], settings["password"]}, " "), second) {
		t.Errorf("the app is told its hook: %v, %v", settings, err)
	}
	if err := s.DeleteConnection(t.Context(), "ann", c.ID); err != nil {
		t.Fatal(err)
	}
	is(second, false)
	var left int64
	if err := s.reader.Model(&secret{}).Count(&left).Error; err != nil || left != 0 {
		t.Errorf("%d secrets are left of it, %v", left, err)
	}
	if _, err := s.RenewHook(t.Context(), "ann", c.ID); KindOf(err) != NotFound {
		t.Errorf("a hook for no connection: %v", err)
	}
}

func TestAnAppThatTheProgramMovesKeepsItsSecret(t *testing.T) {
	s, _, c := secretStore(t)
	if err := s.MoveConnection(t.Context(), c.ID, map[string]string{"host": "elsewhere.example"}, nil); err != nil {
		t.Fatal(err)
	}
	if got, err := passwordOf(t, s, c.ID); got != "hunter2-hunter2" || err != nil {
		t.Errorf("the app is opened with %q, %v", got, err)
	}
	if err := s.MoveConnection(t.Context(), c.ID, nil, map[string]string{"password": "another one"}); err != nil {
		t.Fatal(err)
	}
	moved, err := s.ConnectionByID(t.Context(), c.ID)
	if err != nil || moved.Settings["host"] != "elsewhere.example" || moved.Settings["user"] != "sync" || moved.Revision != c.Revision+2 {
		t.Errorf("it became %v, %v", moved, err)
	}
	if got, err := passwordOf(t, s, c.ID); got != "another one" || err != nil {
		t.Errorf("the app is opened with %q, %v", got, err)
	}
	if err := s.MoveConnection(t.Context(), c.ID+1, nil, nil); KindOf(err) != NotFound {
		t.Errorf("a connection that is not there: %v", err)
	}
}
