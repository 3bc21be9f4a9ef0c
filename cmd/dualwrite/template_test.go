package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"dualwrite/connectors/sqltest"
	"dualwrite/models"
)

// folders are data folders that tests copy, because making them takes longer.
// Each is made by the first test that needs it, and stays as that left it.
type folders struct {
	root  string
	fresh sync.Once
	live  sync.Once
	built sync.Once // the program itself
}

// templates is filled before any test runs; see TestMain.
var templates = &folders{}

// databases is filled before any test runs.
var databases *servers

func TestMain(m *testing.M) {
	root, err := os.MkdirTemp("", "dualwrite-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	templates.root = root
	databases = &servers{postgres: sqltest.NewPostgres(), mariadb: sqltest.NewMariaDB()}
	code := m.Run()
	databases.postgres.Close()
	databases.mariadb.Close()
	_ = os.RemoveAll(root) // the system clears what is left of it
	os.Exit(code)
}

// freshFolder is a data folder after the first start, with the files of the
// practice apps linked directly: nothing has run yet.
func freshFolder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(templates.root, "fresh")
	templates.fresh.Do(func() {
		linkFiles(t, dir, fileMaps(t))
		s := &site{t: t, dir: dir}
		s.start()
		s.check(s.stop())
	})
	return dir
}

// liveFolder is a data folder with the bad records mended and every map that
// can run running, all in step.
func liveFolder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(templates.root, "live")
	templates.live.Do(func() {
		linkFiles(t, dir, fileMaps(t))
		runEverything(t, dir)
	})
	return dir
}

// freshSite is the program on a copy of freshFolder.
func freshSite(t *testing.T) *site {
	t.Helper()
	return startCopy(t, freshFolder(t))
}

// liveSite is the program on a copy of liveFolder.
func liveSite(t *testing.T) *site {
	t.Helper()
	return startCopy(t, liveFolder(t))
}

// runEverything mends what is planted bad, runs all maps and waits for them.
func runEverything(t *testing.T, dir string) {
	s := &site{t: t, dir: dir}
	s.start()
	s.mendPlanted()
	s.run(runnable()...)
	for _, name := range runnable() {
		s.await(name+" is running", func() bool { return s.summary(name).Status == models.Running })
	}
	s.quiet()
	if d := s.differences(runnable()...); len(d) > 0 {
		t.Fatalf("%d differences after all has run; the first: %v", len(d), d[0])
	}
	s.check(s.stop())
}

// mendPlanted makes every bad record a good one before anything runs.
func (s *site) mendPlanted() {
	s.t.Helper()
	s.left.exec("UPDATE CustomersV3 SET ORGANIZATIONNAME = 'Lighthouse Equipment Inc.' WHERE CUSTOMERACCOUNT = 'US0471'")
	s.left.exec("UPDATE CustomersV3 SET PERSONPROFESSIONALTITLE = 'Deputy' WHERE CUSTOMERACCOUNT = 'US0921'")
	s.left.exec("DELETE FROM CustomersV3 WHERE CUSTOMERACCOUNT = 'us0923'")
	if n := s.left.execAll("UPDATE CustomersV3 SET CUSTOMERGROUPID = '10' WHERE CUSTOMERGROUPID = 'GHOST'"); n != 2 {
		s.t.Fatalf("%d customers are in group GHOST", n)
	}
}

// runnable lists the maps of the practice environment but the one without a key.
func runnable() []string {
	return []string{companiesMap, currencyMap, daysMap, scheduleMap, scheduleLinesMap, termsMap, methodsMap, groupsMap, vendorsMap, accountsMap, contactsMap, personsMap}
}

// startCopy starts the program on a copy of a data folder.
func startCopy(t *testing.T, from string) *site {
	t.Helper()
	s := &site{t: t, dir: copyOf(t, from)}
	s.start()
	return s
}

// copyOf copies a data folder that no program uses.
func copyOf(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}
