package models_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"dualwrite/models"
)

func mustSetupToken(t *testing.T, s *models.Store) string {
	t.Helper()
	token, err := s.SetupToken(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestRacingSetupClaimsMakeOneAdministrator(t *testing.T) {
	s, _ := peopleStore(t)
	ctx := context.Background()
	token := mustSetupToken(t, s)
	var won atomic.Int32
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			u, err := s.ClaimSetup(ctx, token, models.User{Name: fmt.Sprint("admin", i), PasswordHash: "x"})
			switch {
			case err == nil && u.Role == models.Administrator:
				won.Add(1)
			case models.KindOf(err) != models.NotFound:
				t.Errorf("a lost claim: %v, want not found", err)
			}
		})
	}
	group.Wait()
	users, err := s.Users(ctx)
	if err != nil || len(users) != 1 || won.Load() != 1 {
		t.Errorf("%d users, %d claims won, %v; want one", len(users), won.Load(), err)
	}
	if _, err := s.SetupToken(ctx); models.KindOf(err) != models.NotFound {
		t.Errorf("a link after the setup: %v, want not found", err)
	}
}

func TestASetupLinkEndsAfterAnHourAndWhenANewOneIsMade(t *testing.T) {
	s, now := peopleStore(t)
	ctx := context.Background()
	first := mustSetupToken(t, s)
	second := mustSetupToken(t, s)
	if err := s.CheckSetup(ctx, first); models.KindOf(err) != models.Invalid {
		t.Errorf("the older link: %v, want invalid", err)
	}
	if err := s.CheckSetup(ctx, second); err != nil {
		t.Errorf("the newer link: %v", err)
	}
	*now = now.Add(models.SetupLife)
	if _, err := s.ClaimSetup(ctx, second, models.User{Name: "ann"}); models.KindOf(err) != models.Invalid {
		t.Errorf("an hour later: %v, want invalid", err)
	}
}

func TestARefusedNameKeepsTheSetupLinkGood(t *testing.T) {
	s, _ := peopleStore(t)
	ctx := context.Background()
	token := mustSetupToken(t, s)
	if _, err := s.ClaimSetup(ctx, token, models.User{Name: "\x00"}); models.KindOf(err) != models.Invalid {
		t.Fatalf("bad name: %v, want invalid", err)
	}
	if _, err := s.ClaimSetup(ctx, token, models.User{Name: "ann"}); err != nil {
		t.Errorf("after mending the name: %v", err)
	}
	if need, err := s.NeedsSetup(ctx); err != nil || need {
		t.Errorf("NeedsSetup = %v, %v", need, err)
	}
}
