package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"dualwrite/models"
)

// How many maps of how many fields the editor must bear.
const (
	manyMaps   = 300
	manyFields = 200
)

// BenchmarkEditor asks the real program for the list and the editor over many
// wide maps, and reports the median time until the whole answer has arrived, by
// loopback. List and editor are to be below 200 ms.
func BenchmarkEditor(b *testing.B) {
	folder := bareFolder(b)
	first := addWideMaps(b, folder)
	s := &site{t: b, dir: folder.DataDir, out: &bytes.Buffer{}}
	s.startAsShipped(b)
	client := s.administrator(b)
	for _, page := range []struct{ name, path string }{
		{"list", "/maps"}, {"editor", fmt.Sprintf("/maps/%d/mappings", first)}, {"editor-search", fmt.Sprintf("/maps/%d/mappings?q=f199", first)},
		{"field", fmt.Sprintf("/maps/%d/mappings/field?left=F7&right=f7", first)}, {"key", fmt.Sprintf("/maps/%d/mappings/key", first)},
		{"versions", fmt.Sprintf("/maps/%d/versions", first)}, {"related", fmt.Sprintf("/maps/related?id=%d", first)}, {"related-all", "/maps/related"},
	} {
		b.Run(page.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				begin := time.Now()
				res, err := client.Get(s.server.URL() + page.path)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
					b.Fatalf("%s: %s, %v", page.path, res.Status, err)
				}
				if err := res.Body.Close(); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(begin))
			}
			slices.Sort(took)
			median := took[len(took)/2]
			b.ReportMetric(float64(median.Microseconds())/1000, "ms/median")
			if median > 200*time.Millisecond {
				b.Logf("%s takes %v", page.path, median)
			}
		})
	}
}

// startAsShipped runs the program until the end of the benchmark, as often at
// work as it is outside of tests.
func (s *site) startAsShipped(b *testing.B) {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	opened, ended := make(chan *program, 1), make(chan error, 1)
	cfg := config{dataDir: s.dir, addr: "127.0.0.1:0", practice: true, started: func(p *program) { opened <- p }, log: slog.New(slog.DiscardHandler)}
	go func() { ended <- run(ctx, cfg, s.out) }()
	select {
	case s.program = <-opened:
	case err := <-ended:
		cancel()
		b.Fatalf("the program does not start: %v", err)
	}
	b.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			b.Errorf("the program ended with: %v", err)
		}
	})
}

// addWideMaps adds an environment of two databases with one wide table for each
// map, and gives the number of the first map.
func addWideMaps(b *testing.B, folder dataFolder) (first int64) {
	b.Helper()
	setup := &models.Setup{}
	env := models.EnvironmentSetup{Name: "Wide", Left: "wide left", Right: "wide right"}
	for side, name := range []string{env.Left, env.Right} {
		file := []string{"left.db", "right.db"}[side]
		setup.Connections = append(setup.Connections, models.Connection{Name: name, Kind: "sqlite", Settings: map[string]string{"path": file}})
		db, err := sql.Open("sqlite", "file:"+filepath.Join(folder.DataDir, file))
		if err != nil {
			b.Fatal(err)
		}
		var statements strings.Builder
		for m := range manyMaps {
			fmt.Fprintf(&statements, "CREATE TABLE T%d (id INTEGER PRIMARY KEY", m)
			for f := range manyFields {
				fmt.Fprintf(&statements, ", %c%d VARCHAR(%d)", "Ff"[side], f, 20+f*side)
			}
			statements.WriteString(fmt.Sprintf(", UNIQUE (%c0));", "Ff"[side]))
		}
		if _, err := db.Exec(statements.String()); err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
	for m := range manyMaps {
		d := models.Definition{Left: models.Endpoint{Entity: fmt.Sprintf("T%d", m), Label: "Table"}, Right: models.Endpoint{Entity: fmt.Sprintf("T%d", m), Label: "Table"},
			Key: []models.KeyPair{{Left: "F0", Right: "f0"}}}
		for f := range manyFields {
			d.Fields = append(d.Fields, models.FieldMapping{Left: fmt.Sprintf("F%d", f), Right: fmt.Sprintf("f%d", f), Direction: models.Both})
		}
		env.Maps = append(env.Maps, models.Map{Name: fmt.Sprintf("Table %d", m), Definition: d})
	}
	setup.Environments = append(setup.Environments, env)
	err := folder.withStore(func(ctx context.Context, s *models.Store) error {
		if _, err := s.ApplySetup(ctx, setup, who); err != nil {
			return err
		}
		all, err := s.MapNames(ctx)
		first = all[0].ID
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return first
}

// administrator is a client that has signed in by the link of the first start.
func (s *site) administrator(tb testing.TB) *http.Client {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: time.Minute}
	_, secret, _ := strings.Cut(s.out.String(), "/setup?token=")
	res, err := client.Get(s.server.URL() + "/setup?token=" + strings.TrimSpace(secret))
	if err != nil {
		tb.Fatal(err)
	}
	page, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		tb.Fatal(err)
	}
	form := url.Values{"name": {"Ada"}, "password": {"correct horse battery"}, "again": {"correct horse battery"}}
	page.Find("form[action='/setup'] input[type=hidden]").Each(func(_ int, in *goquery.Selection) { form.Set(in.AttrOr("name", ""), in.AttrOr("value", "")) })
	if res, err = client.PostForm(s.server.URL()+"/setup", form); err != nil || res.StatusCode != http.StatusOK {
		tb.Fatalf("set up: %v, %v", res, err)
	}
	return client
}
