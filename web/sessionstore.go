package web

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"dualwrite/models"
)

// keyFile is the name of the cookie key in the data folder.
const keyFile = "cookie.key"

const cookieKeySize = 64

// CookieKey reads the key that signs session cookies from the data folder, and
// makes it on the first call.
func CookieKey(dir string) ([]byte, error) {
	path := filepath.Join(dir, keyFile)
	key, err := os.ReadFile(path)
	if err == nil && len(key) >= 32 {
		return key, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read cookie key: %w", err)
	}
	key = random(cookieKeySize)
	if err := os.WriteFile(path, key, 0o600); err != nil {
		return nil, fmt.Errorf("write cookie key: %w", err)
	}
	return key, nil
}

// sessionStore keeps sessions in the store. The browser holds a signed random
// id and nothing else.
type sessionStore struct {
	store  *models.Store
	codec  securecookie.Codec
	secure bool
}

// sessionKey is where a session's Values hold its models.Session.
const sessionKey = "session"

func newSessionStore(store *models.Store, key []byte, secure bool) *sessionStore {
	if key == nil {
		key = random(cookieKeySize)
	}
	codec := securecookie.New(key, nil).SetSerializer(securecookie.JSONEncoder{}).MaxAge(int(models.SessionLife.Seconds()))
	return &sessionStore{store: store, codec: codec, secure: secure}
}

// Get returns the request's session, reading it once per request.
func (s *sessionStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New reads the session that the cookie names. A cookie that is forged, or
// names no living session, gives a new one without an id.
func (s *sessionStore) New(r *http.Request, name string) (*sessions.Session, error) {
	out := sessions.NewSession(s, name)
	out.IsNew = true
	out.Options = &sessions.Options{Path: "/", HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode}
	cookie, err := r.Cookie(name)
	if err != nil {
		return out, nil // no cookie: nobody
	}
	var id string
	if s.codec.Decode(name, cookie.Value, &id) != nil {
		return out, nil // not signed by us: nobody
	}
	v, err := s.store.SessionByHash(r.Context(), models.HashSecret(id))
	switch {
	case models.KindOf(err) == models.NotFound:
		return out, nil
	case err != nil:
		return out, fmt.Errorf("read session: %w", err)
	}
	out.ID, out.IsNew, out.Values[sessionKey] = id, false, v
	return out, nil
}

// Save ends a session whose MaxAge is negative, adds one that has no id yet,
// and stores the notices of any other.
func (s *sessionStore) Save(r *http.Request, w http.ResponseWriter, out *sessions.Session) error {
	v, ok := out.Values[sessionKey].(models.Session)
	if out.Options.MaxAge < 0 {
		http.SetCookie(w, sessions.NewCookie(out.Name(), "", out.Options))
		err := s.store.EndSession(r.Context(), models.HashSecret(out.ID))
		if models.KindOf(err) == models.NotFound {
			return nil // over already
		}
		return err
	}
	if !ok {
		return errors.New("save session: it has no user")
	}
	if out.ID != "" {
		return s.store.SetNotices(r.Context(), v.Hash, v.Notices)
	}
	out.ID = models.NewSecret()
	v.Hash = models.HashSecret(out.ID)
	out.Values[sessionKey] = v
	if err := s.store.AddSession(r.Context(), v); err != nil {
		return err
	}
	encoded, err := s.codec.Encode(out.Name(), out.ID)
	if err != nil {
		return fmt.Errorf("sign session cookie: %w", err)
	}
	http.SetCookie(w, sessions.NewCookie(out.Name(), encoded, out.Options))
	return nil
}
