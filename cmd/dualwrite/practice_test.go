package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dualwrite/models"
)

// visit is what is found of the practice apps while they are served once.
type visit struct {
	urls   [2]string
	secret string
}

// visitPractice serves the practice apps of a data folder, has both connections
// tried, and stops serving.
func visitPractice(t *testing.T, folder dataFolder) (v visit) {
	t.Helper()
	err := folder.withStore(func(ctx context.Context, s *models.Store) error {
		servers, err := openPractice(ctx, s, folder.DataDir)
		if err != nil {
			return err
		}
		defer func() { _ = servers.Close() }()
		v.urls, v.secret = [2]string{servers.FinanceURL, servers.DataverseURL}, servers.Credentials.ClientSecret
		for _, c := range servers.connections {
			if _, err := describe(ctx, s, folder.DataDir, c.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestThePracticeAppsAreFoundAgainAfterARestart(t *testing.T) {
	folder := servedFolder(t)
	first := visitPractice(t, folder)
	if again := visitPractice(t, folder); again != first {
		t.Errorf("after a restart they are at %v, before at %v", again.urls, first.urls)
	}
	taken, err := net.Listen("tcp", strings.TrimPrefix(first.urls[1], "http://"))
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := visitPractice(t, folder)
	if elsewhere.urls[0] != first.urls[0] || elsewhere.urls[1] == first.urls[1] || elsewhere.secret != first.secret {
		t.Errorf("with an address taken they are at %v, before at %v", elsewhere.urls, first.urls)
	}
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	if again := visitPractice(t, folder); again != elsewhere {
		t.Errorf("they moved to %v, but are at %v the next time", elsewhere.urls, again.urls)
	}
}

func TestThePracticeAppsOpenWithANewSecretWhenTheKeysAreLost(t *testing.T) {
	folder := servedFolder(t)
	first := visitPractice(t, folder)
	if err := os.Remove(filepath.Join(folder.DataDir, models.SecretKeyFile)); err != nil {
		t.Fatal(err)
	}
	if second := visitPractice(t, folder); second.secret == first.secret || second.urls != first.urls {
		t.Errorf("without the keys: %v, before %v", second.urls, first.urls)
	}
}

func TestTheSecretOfThePracticeAppsStandsInNoFile(t *testing.T) {
	folder := servedFolder(t)
	secret := visitPractice(t, folder).secret
	err := filepath.WalkDir(folder.DataDir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		if strings.Contains(string(content), secret) {
			t.Errorf("it stands in %s", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestAChangeInAPracticeAppReachesTheOtherAtOnce has nobody look by himself, so
// that only what the apps tell can bring a change over.
func TestAChangeInAPracticeAppReachesTheOtherAtOnce(t *testing.T) {
	folder := servedFolder(t)
	err := folder.withStore(func(ctx context.Context, s *models.Store) error {
		all, err := s.Connections(ctx)
		for _, c := range all {
			err = errors.Join(err, s.MoveConnection(ctx, c.ID, map[string]string{"interval": "3600"}, nil))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, dir: folder.DataDir, poll: time.Hour}
	s.start()
	s.run(currencyMap)
	s.filled(currencyMap)
	const left, right = "SELECT NAME FROM Currencies WHERE CURRENCYCODE = 'EUR'", "SELECT currencyname FROM transactioncurrencies WHERE isocurrencycode = 'EUR'"
	for i := range 3 {
		name := fmt.Sprintf("Euro %d", i)
		s.left.exec("UPDATE Currencies SET NAME = ? WHERE CURRENCYCODE = 'EUR'", name)
		took := s.await("the left app's change is on the right", func() bool { return s.right.text(right) == name })
		s.right.exec("UPDATE transactioncurrencies SET currencyname = ? WHERE isocurrencycode = 'EUR'", name+" back")
		back := s.await("the right app's change is on the left", func() bool { return s.left.text(left) == name+" back" })
		t.Logf("to the right within %v, to the left within %v", took, back)
		s.await("the write is read back: this app tells no version of what it stored, so an edit before that counts as its own", func() bool {
			return s.storeCount("SELECT count(*) FROM changes WHERE fate = 'queued'") == 0
		})
	}
	for _, c := range s.served.connections {
		_, err := s.store.RenewHook(t.Context(), who, c.ID)
		s.check(err)
		s.check(s.served.rehook(t.Context(), c.ID))
	}
	s.left.exec("UPDATE Currencies SET NAME = 'Euro renewed' WHERE CURRENCYCODE = 'EUR'")
	s.await("a change after the addresses were renewed is on the right", func() bool { return s.right.text(right) == "Euro renewed" })
}
