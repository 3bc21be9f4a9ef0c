package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"dualwrite/connectors/practice/practicetest"
	"dualwrite/models"
)

func TestTheFirstStartLeadsFromALinkToRecordsInStep(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	p := serve(t, dir)
	browser := newBrowser(t)
	if p.setup == "" {
		t.Fatal("the first start prints no link")
	}
	page := browser.submit(browser.get(p.setup), "form[action='/setup']",
		url.Values{"name": {"Ada"}, "password": {"correct horse battery"}, "again": {"correct horse battery"}})
	if page.Find("h1").Length() == 0 || !strings.Contains(page.Text(), currencyMap) {
		t.Fatalf("setting up does not lead to the list of maps: %s", page.Text())
	}
	s := &site{t: t, dir: dir}
	s.look()
	id := s.storeText("SELECT id FROM entity_maps WHERE name = ?", currencyMap)
	browser.submit(browser.get(p.url+"/maps/run?id="+id), "form[action='/maps/run']", nil)
	s.await("currencies are running", func() bool {
		return s.storeText("SELECT status FROM entity_maps WHERE name = ?", currencyMap) == string(models.Running)
	})
	s.await("currencies are in step", func() bool {
		found, err := practicetest.ServedDifferences(s.left.path, s.right.path, []string{currencyMap})
		s.check(err)
		return len(found) == 0
	})
	p.terminate()
	belongsToItsOwner(t, dir)

	p = serve(t, dir)
	if p.setup != "" {
		t.Error("a later start offers the link again")
	}
	if page := browser.get(p.url + "/maps"); !strings.Contains(page.Text(), currencyMap) {
		t.Error("the browser is not signed in any more after a restart")
	}
	s.left.exec("UPDATE Currencies SET NAME = 'Euro, restarted' WHERE CURRENCYCODE = 'EUR'")
	s.await("an edit after the restart is in the other app", func() bool {
		return s.right.text("SELECT currencyname FROM transactioncurrencies WHERE isocurrencycode = 'EUR'") == "Euro, restarted"
	})
}

// storeText reads one value of the store.
func (s *site) storeText(query string, args ...any) string {
	s.t.Helper()
	var out string
	s.check(s.reader.QueryRow(query, args...).Scan(&out))
	return out
}

// belongsToItsOwner fails unless nobody else can read the folder or a file in it.
func belongsToItsOwner(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %v", name, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// browser keeps cookies.
type browser struct {
	t      *testing.T
	client *http.Client
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &browser{t: t, client: &http.Client{Jar: jar, Transport: transport, Timeout: 10 * time.Second}}
}

func (b *browser) get(address string) *goquery.Document {
	b.t.Helper()
	return b.page(b.client.Get(address))
}

func (b *browser) page(res *http.Response, err error) *goquery.Document {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		b.t.Fatalf("%s: %s\n%s", res.Request.URL.Path, res.Status, strings.Join(strings.Fields(doc.Find("main").Text()), " "))
	}
	doc.Url = res.Request.URL
	return doc
}

// submit sends a form with the fields that are ticked or hidden, those given
// replaced, and follows where it leads.
func (b *browser) submit(page *goquery.Document, form string, change url.Values) *goquery.Document {
	b.t.Helper()
	f := page.Find(form)
	if f.Length() != 1 {
		b.t.Fatalf("%s has %d forms %s", page.Url.Path, f.Length(), form)
	}
	values := url.Values{}
	f.Find("input[name]").Each(func(_ int, in *goquery.Selection) {
		_, checked := in.Attr("checked")
		if kind := in.AttrOr("type", ""); checked || kind != "checkbox" && kind != "radio" {
			values.Add(in.AttrOr("name", ""), in.AttrOr("value", "on"))
		}
	})
	for name, v := range change {
		values[name] = v
	}
	action, err := page.Url.Parse(f.AttrOr("action", ""))
	if err != nil {
		b.t.Fatal(err)
	}
	return b.page(b.client.PostForm(action.String(), values))
}

func TestASecondProgramOnTheSameFolderGivesUpAtOnce(t *testing.T) {
	dir := copyOf(t, freshFolder(t))
	serve(t, dir)
	begin := time.Now()
	second, output := spawn(t, dir)
	for output.Scan() {
		t.Errorf("the second program prints %q", output.Text())
	}
	code := second.exit()
	if took := time.Since(begin); code != exitRefuse || took > 2*time.Second {
		t.Errorf("the second program ended with code %d after %v", code, took)
	}
	line := second.errors.String()
	if strings.Count(line, "\n") != 1 || !strings.Contains(line, dir) || !strings.Contains(line, "another dualwrite") {
		t.Errorf("the second program says %q", line)
	}
}

func TestAWrongConfigurationIsOneClearLine(t *testing.T) {
	dir := copyOf(t, freshFolder(t))
	for flag, words := range map[string]string{"--addr=nowhere": "host:port", "--base-url=ftp://example.org": "base URL"} {
		p, output := spawn(t, dir, flag)
		for output.Scan() {
			t.Errorf("%s: the program prints %q", flag, output.Text())
		}
		if code := p.exit(); code != exitRefuse || strings.Count(p.errors.String(), "\n") != 1 || !strings.Contains(p.errors.String(), words) {
			t.Errorf("%s: the program ends with code %d and says %q", flag, code, &p.errors)
		}
	}
}

// TestATerminatedProgramLosesNothing ends the program while both apps are being
// edited and a browser listens for events.
func TestATerminatedProgramLosesNothing(t *testing.T) {
	dir := copyOf(t, liveFolder(t))
	p := serve(t, dir)
	s := &site{t: t, dir: dir}
	s.look()
	browser := newBrowser(t)
	browser.submit(browser.get(p.setup), "form[action='/setup']",
		url.Values{"name": {"Ada"}, "password": {"correct horse battery"}, "again": {"correct horse battery"}})
	events := browser.listen(p.url + "/events")

	for i := range 300 {
		s.setLeft("SALESMEMO", fmt.Sprintf("US07%02d", i%50), fmt.Sprintf("left %d", i))
		s.setRight("jobtitle", fmt.Sprintf("US07%02d", i%50), fmt.Sprintf("right %d", i))
		if i == 150 {
			p.terminate()
		}
	}
	for events.Scan() { // the stream has ended with the program
	}
	serve(t, dir)
	s.quiet()
	s.differsOnly(nil, runnable()...)
	for i := 250; i < 300; i++ {
		key := fmt.Sprintf("US07%02d", i%50)
		s.isRight("description", key, fmt.Sprintf("left %d", i))
		s.isLeft("PERSONPROFESSIONALTITLE", key, fmt.Sprintf("right %d", i))
	}
}

// listen opens a stream of events and waits until it is open.
func (b *browser) listen(address string) *bufio.Scanner {
	b.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = res.Body.Close() })
	lines := bufio.NewScanner(res.Body)
	if res.StatusCode != http.StatusOK || !lines.Scan() {
		b.t.Fatalf("%s: %s", address, res.Status)
	}
	return lines
}

func TestAProgramToldToEndWhileItStartsEndsWell(t *testing.T) {
	for _, after := range []time.Duration{0, 30 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(context.Background(), after)
		cfg := config{dataDir: t.TempDir(), addr: "127.0.0.1:0", practice: true, log: slog.New(slog.DiscardHandler)}
		if err := run(ctx, cfg, io.Discard); err != nil {
			t.Errorf("told to end after %v: %v", after, err)
		}
		cancel()
	}
}

func TestAppsOutOfReachDoNotKeepTheConsoleFromStarting(t *testing.T) {
	dir := copyOf(t, freshFolder(t))
	if err := os.RemoveAll(filepath.Join(dir, practiceFolder)); err != nil {
		t.Fatal(err)
	}
	p := serve(t, dir)
	b := newBrowser(t)
	page := b.submit(b.get(p.setup), "form[action='/setup']",
		url.Values{"name": {"Ada"}, "password": {"correct horse battery"}, "again": {"correct horse battery"}})
	if !strings.Contains(page.Text(), contactsMap) {
		t.Errorf("the list of maps is %s", page.Text())
	}
	p.terminate()
}

func TestAStartThatFailsSaysWhatAndHowToMendIt(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	fresh, damaged, file := copyOf(t, freshFolder(t)), t.TempDir(), filepath.Join(t.TempDir(), "file")
	for _, name := range []string{filepath.Join(damaged, models.StoreFile), file} {
		if err := os.WriteFile(name, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ name, dir, addr, names, mend string }{
		{"port in use", fresh, taken.Addr().String(), taken.Addr().String(), "--addr"},
		{"damaged store", damaged, "127.0.0.1:0", filepath.Join(damaged, models.StoreFile), "copy of the whole data folder"},
		{"no folder", file, "127.0.0.1:0", file, "--data-dir"},
	} {
		p, output := spawn(t, c.dir, "--addr", c.addr)
		for output.Scan() {
			t.Errorf("%s: the program prints %q", c.name, output.Text())
		}
		code, line := p.exit(), p.errors.String()
		if code != exitFailed || strings.Count(line, "\n") != 1 || !strings.Contains(line, c.names) || !strings.Contains(line, c.mend) {
			t.Errorf("%s: the program ends with code %d and says %q", c.name, code, line)
		}
	}
}
