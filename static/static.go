// Package static holds the files that browsers load: style, scripts, the mark.
// They are part of the binary; nothing is loaded from outside.
package static

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// Prefix is where the files are served.
const Prefix = "/static/"

//go:embed *.css *.js mark.svg vendor/*.js
var files embed.FS

// file is one served file.
type file struct {
	name    string // "app.css"
	served  string // "app-0123456789abcdef.css"
	content []byte
}

// index lists the files by plain and by served name. It is built once and
// never changed.
var index = sync.OnceValue(func() map[string]*file {
	out := map[string]*file{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		f := &file{name: name, served: servedName(name, content), content: content}
		out[f.name], out[f.served] = f, f
		return nil
	})
	if err != nil {
		panic(err) // the files are part of the binary: reading them cannot fail
	}
	return out
})

// servedName puts a digest of the content before the extension.
func servedName(name string, content []byte) string {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:8]) + ext
}

// URL is the address of a file, which changes with its content. It panics on a
// name that does not exist: only our own templates ask.
func URL(name string) string {
	f, ok := index()[name]
	if !ok {
		panic("static: there is no file " + name)
	}
	return Prefix + f.served
}

// Handler serves the files under Prefix. A name with a digest may be kept for
// a year, a plain name is asked for again each time; anything else is not found.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, Prefix)
		f, ok := index()[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		cache := "no-cache"
		if name == f.served {
			cache = "public, max-age=31536000, immutable"
		}
		w.Header().Set("Cache-Control", cache)
		w.Header().Set("ETag", `"`+f.served+`"`)
		http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(f.content))
	})
}

// Known reports whether a path under Prefix leads to a file.
func Known(urlPath string) bool {
	_, ok := index()[strings.TrimPrefix(urlPath, Prefix)]
	return ok && strings.HasPrefix(urlPath, Prefix)
}
