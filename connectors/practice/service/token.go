package service

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// tokens issues and checks bearer tokens: the second in which one ends, signed
// with a key that lives as long as the server.
type tokens struct {
	key    [32]byte
	id     string
	secret string
}

func newTokens(id, secret string) *tokens {
	t := &tokens{id: id, secret: secret}
	_, _ = rand.Read(t.key[:]) // never fails: the program ends instead
	return t
}

func (t *tokens) sign(ends string) string {
	mac := hmac.New(sha256.New, t.key[:])
	_, _ = mac.Write([]byte(ends)) // a hash takes everything
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// issue answers a request for a token by client credentials.
func (t *tokens) issue(w http.ResponseWriter, r *http.Request, now time.Time, life time.Duration) {
	if life <= 0 {
		life = time.Hour
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	problem, status := "", http.StatusBadRequest
	switch err := r.ParseForm(); {
	case r.Method != http.MethodPost || err != nil || r.PostForm.Get("grant_type") == "":
		problem = "invalid_request"
	case r.PostForm.Get("grant_type") != "client_credentials":
		problem = "unsupported_grant_type"
	case !hmac.Equal([]byte(r.PostForm.Get("client_id")), []byte(t.id)) || !hmac.Equal([]byte(r.PostForm.Get("client_secret")), []byte(t.secret)):
		problem, status = "invalid_client", http.StatusUnauthorized
	case r.PostForm.Get("scope") != "http://"+r.Host+"/.default":
		problem = "invalid_scope"
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if problem != "" {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": problem, "error_description": "The request for a token was refused: " + problem + "."})
		return
	}
	ends := strconv.FormatInt(now.Add(life).UnixMilli(), 10)
	_ = json.NewEncoder(w).Encode(map[string]any{"token_type": "Bearer", "expires_in": int(life.Seconds()), "ext_expires_in": int(life.Seconds()),
		"access_token": ends + "." + t.sign(ends)})
}

// valid says whether a request carries a token that has not ended, and why not.
// One from before tokens were to live so short is not taken any more; 0 is no limit.
func (t *tokens) valid(r *http.Request, now time.Time, life time.Duration) (problem string) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return "no token"
	}
	ends, signature, _ := strings.Cut(token, ".")
	if !hmac.Equal([]byte(signature), []byte(t.sign(ends))) {
		return "invalid_token"
	}
	if n, err := strconv.ParseInt(ends, 10, 64); err != nil || now.UnixMilli() >= n || life > 0 && n > now.Add(life).UnixMilli() {
		return "invalid_token"
	}
	return ""
}
