package models_test

import (
	"context"
	"testing"
	"time"

	"dualwrite/models"
)

func TestASessionEndsWhenIdleAndAfterItsLife(t *testing.T) {
	s, now := peopleStore(t)
	ctx := context.Background()
	u := mustAddUser(t, s, "ann", models.Viewer)
	add := func() {
		t.Helper()
		if err := s.AddSession(ctx, models.Session{Hash: "h", UserID: u.ID}); err != nil {
			t.Fatal(err)
		}
	}
	add()
	*now = now.Add(models.SessionIdle - time.Second)
	if _, err := s.SessionByHash(ctx, "h"); err != nil {
		t.Fatalf("just before the idle limit: %v", err)
	}
	*now = now.Add(time.Second)
	if _, err := s.SessionByHash(ctx, "h"); models.KindOf(err) != models.NotFound {
		t.Fatalf("idle: %v, want not found", err)
	}

	add() // also clears the old row, or this would be a duplicate
	for begin := *now; now.Sub(begin) < models.SessionLife; *now = now.Add(20 * time.Minute) {
		v, err := s.SessionByHash(ctx, "h")
		if err != nil {
			t.Fatalf("in use, after %v: %v", now.Sub(begin), err)
		}
		if err := s.SeeSession(ctx, v); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.SessionByHash(ctx, "h"); models.KindOf(err) != models.NotFound {
		t.Errorf("after its life: %v, want not found", err)
	}
}

func TestADisabledUserHasNoSession(t *testing.T) {
	s, _ := peopleStore(t)
	ctx := context.Background()
	u := mustAddUser(t, s, "ann", models.Viewer)
	if err := s.SetDisabled(ctx, "root", "ann", true); err != nil {
		t.Fatal(err)
	}
	if err := s.AddSession(ctx, models.Session{Hash: "h", UserID: u.ID}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SessionByHash(ctx, "h"); models.KindOf(err) != models.NotFound {
		t.Errorf("a disabled user got in: %v", err)
	}
}

func TestNoticesWaitInTheSession(t *testing.T) {
	s, _ := peopleStore(t)
	ctx := context.Background()
	u := mustAddUser(t, s, "ann", models.Viewer)
	if err := s.AddSession(ctx, models.Session{Hash: "h", UserID: u.ID}); err != nil {
		t.Fatal(err)
	}
	for _, want := range [][]models.Notice{{{Level: models.NoticeOK, Text: "Two maps run."}}, {}} {
		if err := s.SetNotices(ctx, "h", want); err != nil {
			t.Fatal(err)
		}
		v, err := s.SessionByHash(ctx, "h")
		if err != nil || len(v.Notices) != len(want) || v.User.Name != "ann" {
			t.Fatalf("session = %+v, %v", v, err)
		}
	}
}

func TestSessionsCanBeListedAndEnded(t *testing.T) {
	s, _ := peopleStore(t)
	ctx := context.Background()
	u := mustAddUser(t, s, "ann", models.Viewer)
	for _, h := range []string{"a", "b", "c"} {
		if err := s.AddSession(ctx, models.Session{Hash: h, UserID: u.ID}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.EndSession(ctx, "b"); err != nil {
		t.Fatal(err)
	}
	if err := s.EndSession(ctx, "b"); models.KindOf(err) != models.NotFound {
		t.Errorf("ending twice: %v, want not found", err)
	}
	if list, err := s.SessionsOf(ctx, u.ID); err != nil || len(list) != 2 {
		t.Errorf("%d sessions, %v; want 2", len(list), err)
	}
	if err := s.EndSessionsOf(ctx, "root", u.ID); err != nil {
		t.Fatal(err)
	}
	if list, err := s.SessionsOf(ctx, u.ID); err != nil || len(list) != 0 {
		t.Errorf("%d sessions, %v; want none", len(list), err)
	}
}

func TestSecretsAreLongAndNeverStored(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		v := models.NewSecret()
		if len(v) < 43 || seen[v] || models.HashSecret(v) == v {
			t.Fatalf("secret %q", v)
		}
		seen[v] = true
	}
}
