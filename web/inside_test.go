package web

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"dualwrite/models"
)

func TestLocalPathKeepsPathsOfThisConsoleOnly(t *testing.T) {
	for _, good := range []string{"/", "/maps", "/maps?status=running&q=a%20b", "/maps/1#x", "/a//b", "/a:b"} {
		if got := LocalPath(good); got != good {
			t.Errorf("%q becomes %q", good, got)
		}
	}
	for _, bad := range []string{"", "maps", "//evil.example", "///evil.example", `/\evil.example`, `\\evil.example`, `/a\b`, "https://evil.example", "https:evil.example",
		"javascript:alert(1)", "data:text/html,x", " /maps", "/\t/evil.example", "\t//evil.example", "/\n/evil.example", "/\r\nSet-Cookie: a=b", "http:///evil",
		"//user@evil.example", "/%zz", "?next=/", "#", "./maps", "../maps", "mailto:a@b", "/\x00", "/\x7f", "//localhost", "https://localhost/"} {
		if got := LocalPath(bad); got != "/" {
			t.Errorf("%q is kept as %q", bad, got)
		}
	}
}

func TestGuessesPerHourAreFewAndNobodyIsLockedOut(t *testing.T) {
	now := time.Unix(0, 0)
	th := NewThrottle(5, 100, func() time.Time { return now })
	allowed := 0
	for ; now.Before(time.Unix(3600, 0)); now = now.Add(time.Second) {
		if th.Try("ann 10.0.0.1") == 0 {
			allowed++
		}
	}
	if allowed < 5 || allowed > 30 {
		t.Errorf("%d guesses in an hour, want 5 to 30", allowed)
	}
	if th.Try("ann 10.0.0.2") != 0 {
		t.Error("another address has to wait")
	}
	now = now.Add(longestWait)
	if wait := th.Try("ann 10.0.0.1"); wait != 0 {
		t.Errorf("still %v to wait after the longest wait", wait)
	}
	th.Succeed("ann 10.0.0.1")
	for range 5 {
		if th.Try("ann 10.0.0.1") != 0 {
			t.Fatal("a success does not forget the failures")
		}
	}
}

func TestTheThrottleRemembersABoundedNumberOfKeys(t *testing.T) {
	now := time.Unix(0, 0)
	th := NewThrottle(1, 50, func() time.Time { return now })
	for i := range 500 {
		now = now.Add(time.Millisecond)
		th.Try(fmt.Sprint(i))
	}
	if len(th.keys) > 50 {
		t.Errorf("%d keys are remembered, want at most 50", len(th.keys))
	}
	if th.Try("499") == 0 {
		t.Error("the newest key was forgotten")
	}
}

func TestPasswordsAreHashedAtTheCostThatIsPromised(t *testing.T) {
	p := NewPasswords()
	hash, err := p.Hash(t.Context(), "correct horse battery")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("hash %q, %v", hash, err)
	}
	for password, want := range map[string]bool{"correct horse battery": true, "correct horse batterY": false, "": false} {
		if right, stale, err := p.Verify(t.Context(), hash, password); right != want || stale || err != nil {
			t.Errorf("%q: %v, %v, %v", password, right, stale, err)
		}
	}
	if right, _, err := p.Verify(t.Context(), "", ""); right || err != nil {
		t.Errorf("nobody's password is right: %v", err)
	}
	cheap := &Passwords{slots: make(chan struct{}, 1), cost: cost{memory: 64, passes: 1, threads: 1}}
	if right, stale, err := p.Verify(t.Context(), cheap.encode("correct horse battery"), "correct horse battery"); !right || !stale || err != nil {
		t.Errorf("an old hash: %v, %v, %v; want right and stale", right, stale, err)
	}
	for _, broken := range []string{"plain", "$argon2id$v=19$m=a$b$c", "$argon2i$v=19$m=1,t=1,p=1$YQ$YQ", "$argon2id$v=19$m=1,t=1,p=1$!$YQ", "$argon2id$v=19$m=1,t=1,p=1$YQ$!"} {
		if _, _, err := p.Verify(t.Context(), broken, "x"); err == nil {
			t.Errorf("%q is taken for a hash", broken)
		}
	}
}

func TestPasswordsWaitForTheirTurn(t *testing.T) {
	p := NewPasswords()
	for range cap(p.slots) {
		p.slots <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Hash(ctx, "x"); err == nil {
		t.Error("a third hash did not wait")
	}
}

func TestPasswordLengthIsCountedInCharacters(t *testing.T) {
	p := NewPasswords()
	for n, want := range map[int]bool{0: false, 11: false, 12: true, 128: true, 129: false} {
		if got := p.Check(strings.Repeat("ä", n)) == nil; got != want {
			t.Errorf("%d characters: allowed %v", n, got)
		}
	}
}

func TestTheCookieKeyIsMadeOnceAndKeptPrivate(t *testing.T) {
	dir := t.TempDir()
	first, err := CookieKey(dir)
	if err != nil || len(first) < 32 {
		t.Fatalf("%d bytes, %v", len(first), err)
	}
	again, err := CookieKey(dir)
	if err != nil || string(again) != string(first) {
		t.Errorf("the key changed: %v", err)
	}
	info, err := os.Stat(dir + "/" + keyFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestAForgedCookieIsNobody(t *testing.T) {
	store, err := models.Open(t.Context(), t.TempDir(), models.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	u, err := store.AddUser(t.Context(), models.System, models.User{Name: "ann", Role: models.Viewer})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.AddSession(t.Context(), models.Session{Hash: models.HashSecret("known"), UserID: u.ID}); err != nil {
		t.Fatal(err)
	}
	mine, theirs := newSessionStore(store, nil, false), newSessionStore(store, nil, false)
	for s, want := range map[*sessionStore]bool{mine: false, theirs: true} {
		cookie, err := mine.codec.Encode("s", "known")
		if err != nil {
			t.Fatal(err)
		}
		req := httptest.NewRequest("GET", "/", nil)
		req.Header.Set("Cookie", "s="+cookie)
		if got, err := s.New(req, "s"); err != nil || got.IsNew != want {
			t.Errorf("new %v, %v; want %v", got.IsNew, err, want)
		}
	}
}
