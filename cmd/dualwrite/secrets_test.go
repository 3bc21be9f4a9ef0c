package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// visitor is an administrator's browser that remembers everything it was sent.
type visitor struct {
	*browser
	base  string
	token string
	seen  bytes.Buffer
}

// read keeps an answer, whatever its status, and gives its text.
func (v *visitor) read(res *http.Response, err error) (int, string) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	if err := res.Header.Write(&v.seen); err != nil {
		v.t.Fatal(err)
	}
	v.seen.WriteString(html.UnescapeString(string(body)))
	v.seen.Write(body)
	return res.StatusCode, string(body)
}

func (v *visitor) open(path string) {
	v.t.Helper()
	if status, _ := v.read(v.client.Get(v.base + path)); status != http.StatusOK {
		v.t.Fatalf("%s: status %d", path, status)
	}
}

// post sends a form and expects a status, after redirects.
func (v *visitor) post(path string, want int, form url.Values) {
	v.t.Helper()
	form.Set("_csrf", v.token)
	if status, body := v.read(v.client.PostForm(v.base+path, form)); status != want {
		v.t.Fatalf("%s: status %d, want %d\n%s", path, status, want, body)
	}
}

// newVisitor makes the first administrator of a program that runs.
func newVisitor(t *testing.T, p *process) *visitor {
	t.Helper()
	v := &visitor{browser: newBrowser(t), base: p.url}
	page := v.submit(v.get(p.setup), "form[action='/setup']", url.Values{"name": {"Ada"}, "password": {goodPassword}, "again": {goodPassword}})
	v.token = page.Find("input[name=_csrf]").First().AttrOr("value", "")
	return v
}

// secrets are those that a test gave away.
type secrets struct{ planted []string }

// plant makes a secret that no encoding leaves as it is.
func (s *secrets) plant(what string) string {
	secret := what + "-Zq8/+&\"ü?~%x7" + what
	s.planted = append(s.planted, secret)
	return secret
}

// areNotIn fails the test for every secret that is found in a place, in any guise.
func (s *secrets) areNotIn(t *testing.T, places map[string][]byte) {
	t.Helper()
	for where, text := range places {
		for _, secret := range s.planted {
			for guise, form := range guises(secret) {
				if bytes.Contains(text, []byte(form)) {
					t.Errorf("%s holds %q, %s", where, secret, guise)
				}
			}
		}
	}
}

// guises are the ways in which a secret could be hidden in plain sight.
func guises(secret string) map[string]string {
	out := map[string]string{"as it is": secret, "URL-coded": url.QueryEscape(secret), "path-coded": url.PathEscape(secret),
		"as HTML": html.EscapeString(secret), "hex": hex.EncodeToString([]byte(secret)), "upper hex": strings.ToUpper(hex.EncodeToString([]byte(secret)))}
	for shift := range 3 { // wherever it begins within base64's groups of three bytes
		inner := []byte(secret)[shift : len(secret)-(len(secret)-shift)%3]
		out["base64 from "+string(rune('0'+shift))] = base64.StdEncoding.EncodeToString(inner)
		out["URL base64 from "+string(rune('0'+shift))] = base64.URLEncoding.EncodeToString(inner)
	}
	return out
}

// TestPlantedSecretsAreFoundNowhere gives the real program a secret in every way
// in which one can be given, right and wrong, and looks for all of them in what
// it shows, prints, logs and keeps.
func TestPlantedSecretsAreFoundNowhere(t *testing.T) {
	dir := t.TempDir()
	p := serve(t, dir, "--no-practice")
	v, given := newVisitor(t, p), &secrets{}
	connection := func(change url.Values) url.Values {
		form := url.Values{"kind": {"postgres"}, "name": {"Shop"}, "s-host": {"127.0.0.1"}, "s-port": {"1"}, "s-database": {"d"}, "s-user": {"u"}, "revision": {"1"}}
		for name, value := range change {
			form[name] = value
		}
		return form
	}
	v.post("/connections/new", http.StatusUnprocessableEntity, connection(url.Values{"s-host": {""}, "s-password": {given.plant("refused")}}))
	v.post("/connections/test", http.StatusOK, connection(url.Values{"s-password": {given.plant("tried")}}))
	v.post("/connections/new", http.StatusOK, connection(url.Values{"s-password": {given.plant("kept")}}))
	v.post("/connections/test", http.StatusOK, connection(url.Values{"id": {"1"}, "s-user": {"other"}}))
	v.post("/connections/1/test", http.StatusOK, url.Values{})
	v.post("/connections/new", http.StatusConflict, connection(url.Values{"s-password": {given.plant("taken")}}))
	v.post("/connections/1/edit", http.StatusOK, connection(url.Values{"s-password": {given.plant("changed")}}))
	v.post("/connections/1/edit", http.StatusConflict, connection(url.Values{"s-password": {given.plant("late")}}))
	for _, path := range []string{"/connections/new", "/connections/test"} {
		address := (&url.URL{Scheme: "postgres", User: url.UserPassword("u", given.plant("address")), Host: "127.0.0.1:1", Path: "/d"}).String()
		v.post(path, http.StatusUnprocessableEntity, connection(url.Values{"s-url": {address}, "name": {"By address"}}))
	}
	v.post("/connections/new", http.StatusOK, connection(url.Values{"name": {"Office"}, "s-password": {given.plant("second")}}))
	v.post("/environments/new", http.StatusOK, url.Values{"left": {"1"}, "right": {"2"}, "name": {"Company"}})
	v.post("/environments/1/check", http.StatusOK, url.Values{})
	for _, path := range []string{"/maps", "/connections", "/connections/1", "/connections/1/edit", "/connections/1/delete", "/connections/2/edit", "/environments/1", "/environments/new?left=1&right=2", "/maps/new?environment=1", "/activity"} {
		v.open(path)
	}
	p.terminate()
	places := map[string][]byte{"the pages": v.seen.Bytes(), "the log": p.errors.Bytes(), "the export": []byte(output(t, (&exportCommand{dataFolder: dataFolder{DataDir: dir}}).Run))}
	if !bytes.Contains(places["the pages"], []byte("kept, sealed")) || !bytes.Contains(places["the export"], []byte("Office")) || !bytes.Contains(places["the log"], []byte("/connections/test")) {
		t.Fatal("what is searched is not what it should be")
	}
	readFolder(t, dir, places)
	given.areNotIn(t, places)
}

// readFolder adds every file below a folder.
func readFolder(t *testing.T, dir string, places map[string][]byte) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		places[filepath.Base(name)] = text
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(places["dualwrite.db"]) == 0 || len(places["secret.key"]) == 0 {
		t.Fatal("the store or its file of keys is missing")
	}
}
