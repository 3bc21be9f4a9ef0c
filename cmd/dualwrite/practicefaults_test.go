package main

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"dualwrite/connectors/practice/service"
	"dualwrite/models"
	"dualwrite/views"
)

func TestEachFaultOfThePageReachesItsServer(t *testing.T) {
	folder := servedFolder(t)
	err := folder.withStore(func(ctx context.Context, store *models.Store) error {
		s, err := openPractice(ctx, store, folder.DataDir)
		if err != nil {
			return err
		}
		defer func() { _ = s.Close() }()
		if said := s.faults(); said != "" {
			t.Errorf("before anything is switched: %s", said)
		}
		s.Switch("ann", models.Left, views.PracticeFaults{Throttle: 2, Unavailable: 3, Drop: 4, Wait: 5, Token: 6, Entity: "VendorsV2", Message: "No.", Down: true})
		want := service.Faults{ThrottleEvery: 2, UnavailableEvery: 3, DropEvery: 4, RetryAfter: 5 * time.Second, TokenLife: 6 * time.Second,
			Reject: map[string]string{"VendorsV2": "No."}, Down: true}
		if got := s.Finance.Faults(); !reflect.DeepEqual(got, want) {
			t.Errorf("the left app has %+v, want %+v", got, want)
		}
		s.Switch("bob", models.Right, views.PracticeFaults{Lag: 7, Entity: views.EveryEntity})
		got := s.Dataverse.Faults()
		if got.Lag != 7*time.Second || len(got.Reject) != 12 || got.Reject["contacts"] != views.RefusalMessage {
			t.Errorf("the right app has %+v", got)
		}
		if app := s.Server(models.Right); app.By != "bob" || !app.Tracks || len(app.Entities) != 12 || s.Server(models.Left).By != "ann" {
			t.Errorf("the right app is shown as %+v", app)
		}
		if said := s.faults(); !strings.Contains(said, financeAndOperations+": down, every 2nd call throttled") || !strings.Contains(said, commonDataService+": changes told 7 seconds late") {
			t.Errorf("people are told %q", said)
		}
		s.Switch("ann", models.Left, views.PracticeFaults{})
		s.Switch("ann", models.Right, views.PracticeFaults{})
		if said := s.faults(); said != "" {
			t.Errorf("after all was switched off: %s", said)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
