package models_test

import (
	"context"
	"testing"
	"time"

	"dualwrite/models"
)

// peopleStore opens an empty store whose clock the test moves.
func peopleStore(t *testing.T) (*models.Store, *time.Time) {
	t.Helper()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s, err := models.Open(context.Background(), t.TempDir(), models.Options{Volatile: true, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, &now
}

func mustAddUser(t *testing.T, s *models.Store, name string, role models.Role) models.User {
	t.Helper()
	u, err := s.AddUser(context.Background(), models.System, models.User{Name: name, Role: role, PasswordHash: "x"})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestNamesThatDifferInCaseAreOnePerson(t *testing.T) {
	s, _ := peopleStore(t)
	ctx := context.Background()
	mustAddUser(t, s, "Zoë", models.Viewer)
	if _, err := s.AddUser(ctx, models.System, models.User{Name: " ZOË ", Role: models.Viewer}); models.KindOf(err) != models.Conflict {
		t.Errorf("a second Zoë: %v, want a conflict", err)
	}
	u, err := s.UserByName(ctx, "zOË")
	if err != nil || u.Name != "Zoë" {
		t.Errorf("UserByName = %q, %v", u.Name, err)
	}
	if _, err := s.UserByName(ctx, "nobody"); models.KindOf(err) != models.NotFound {
		t.Errorf("an unknown name: %v, want not found", err)
	}
}

func TestBadNamesAndRolesAreRefused(t *testing.T) {
	s, _ := peopleStore(t)
	for _, name := range []string{"", "  ", "a\x00b", "a\nb", "a\u202eb", string(make([]byte, 65))} {
		if _, err := s.AddUser(context.Background(), models.System, models.User{Name: name, Role: models.Viewer}); models.KindOf(err) != models.Invalid {
			t.Errorf("%q: %v, want invalid", name, err)
		}
	}
	if _, err := s.AddUser(context.Background(), models.System, models.User{Name: "a", Role: "owner"}); err == nil {
		t.Error("an unknown role was stored")
	}
}

func TestARoleCoversWhatNeedsAWeakerOne(t *testing.T) {
	for i, have := range models.Roles {
		for j, need := range models.Roles {
			if got := have.Allows(need); got != (i >= j) {
				t.Errorf("%s allows %s = %v", have, need, got)
			}
		}
	}
	if models.Role("").Allows(models.Viewer) || models.Administrator.Allows("") {
		t.Error("an unknown role or need was allowed")
	}
}

func TestChangesOfAUserEndTheSessionsAndAreRecorded(t *testing.T) {
	ctx := context.Background()
	changes := map[string]func(*models.Store) error{
		"set password": func(s *models.Store) error { return s.SetPassword(ctx, "root", "ANN", "y") },
		"set role":     func(s *models.Store) error { return s.SetRole(ctx, "root", "ann", models.Viewer) },
		"disable user": func(s *models.Store) error { return s.SetDisabled(ctx, "root", "ann", true) },
	}
	for verb, change := range changes {
		t.Run(verb, func(t *testing.T) {
			s, _ := peopleStore(t)
			u := mustAddUser(t, s, "ann", models.Operator)
			if err := s.AddSession(ctx, models.Session{Hash: "h", UserID: u.ID}); err != nil {
				t.Fatal(err)
			}
			if err := change(s); err != nil {
				t.Fatal(err)
			}
			if _, err := s.SessionByHash(ctx, "h"); models.KindOf(err) != models.NotFound {
				t.Errorf("the session lives on: %v", err)
			}
			log, err := s.Activities(ctx, 0, 0, 1)
			if err != nil || len(log) != 1 || log[0].Verb != verb || log[0].Actor != "root" {
				t.Errorf("activity = %+v, %v", log, err)
			}
		})
	}
}

func TestRehashLosesAgainstANewPassword(t *testing.T) {
	s, _ := peopleStore(t)
	ctx := context.Background()
	old := mustAddUser(t, s, "ann", models.Operator)
	if err := s.SetPassword(ctx, "root", "ann", "new"); err != nil {
		t.Fatal(err)
	}
	if err := s.Rehash(ctx, old, "rehashed"); err != nil {
		t.Fatal(err)
	}
	if u, err := s.UserByName(ctx, "ann"); err != nil || u.PasswordHash != "new" {
		t.Errorf("hash = %q, %v; the old password came back", u.PasswordHash, err)
	}
}
