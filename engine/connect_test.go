package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/memory"
	"dualwrite/models"
)

// twoApps is an engine over two apps in memory of one entity each, and an
// environment that links them.
type twoApps struct {
	*Engine
	t      *testing.T
	apps   [2]*memory.App
	env    models.Environment
	mu     sync.Mutex
	opened []map[string]string // the settings of the left app, in the order it was opened
}

func openTwoApps(t *testing.T) *twoApps {
	t.Helper()
	store, err := models.Open(t.Context(), t.TempDir(), models.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	two := &twoApps{t: t}
	for i, fields := range [2][]connectors.Field{
		{{Name: "CODE", Type: connectors.Text, Required: true}, {Name: "NAME", Type: connectors.Text}, {Name: "dataAreaId", Type: connectors.Text}},
		{{Name: "msdyn_code", Type: connectors.Text, Required: true}, {Name: "msdyn_name", Type: connectors.Text}},
	} {
		name := [2]string{"Customers", "accounts"}[i]
		two.apps[i] = memory.New(connectors.Schema{Entities: []connectors.EntitySchema{{Name: name, Label: name, Fields: fields,
			Keys: []connectors.AlternateKey{{Name: "key", Fields: []string{fields[0].Name}, Active: true}}}}}, memory.Options{Prefix: "LR"[i : i+1]})
	}
	openers := connectors.Openers{
		"left": func(ctx context.Context, settings map[string]string) (connectors.Connector, error) {
			two.mu.Lock()
			two.opened = append(two.opened, settings)
			two.mu.Unlock()
			return two.apps[0].Connect(), nil
		},
		"right": func(context.Context, map[string]string) (connectors.Connector, error) {
			return two.apps[1].Connect(), nil
		},
	}
	if two.Engine, err = New(store, openers, Config{SpillDir: t.TempDir(), Poll: 20 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = two.Close(context.Background()) })
	two.env = models.Environment{Name: "Company"}
	for i, kind := range []string{"left", "right"} {
		c, _, err := store.SaveConnection(t.Context(), "ann", models.ConnectionDraft{Name: kind, Kind: kind, Secrets: map[string]string{"password": "the first"}})
		if err != nil {
			t.Fatal(err)
		}
		*[]*int64{&two.env.LeftConnectionID, &two.env.RightConnectionID}[i] = c.ID
	}
	if two.env, err = store.LinkEnvironment(t.Context(), "ann", two.env); err != nil {
		t.Fatal(err)
	}
	return two
}

// addMap adds the proposed map of the two entities.
func (two *twoApps) addMap() models.Map {
	two.t.Helper()
	p, err := two.Propose(two.t.Context(), two.env.ID, "Customers", "accounts")
	if err != nil {
		two.t.Fatal(err)
	}
	m := models.Map{EnvironmentID: two.env.ID, Name: "Customers (accounts)", Definition: p.Definition}
	if err := two.store.AddMap(two.t.Context(), "ann", &m); err != nil {
		two.t.Fatal(err)
	}
	return m
}

// until waits for something that happens behind the test.
func (two *twoApps) until(what string, holds func() bool) {
	two.t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			two.t.Fatalf("waited in vain until %s", what)
		case <-tick.C:
		}
	}
}

func (two *twoApps) insert(code string) {
	two.t.Helper()
	if _, err := two.apps[0].Insert("Customers", map[string]connectors.Value{"CODE": connectors.TextValue(code), "NAME": connectors.TextValue("n")}); err != nil {
		two.t.Fatal(err)
	}
}

func TestANewPasswordIsUsedWithoutStoppingTheMaps(t *testing.T) {
	two := openTwoApps(t)
	two.Start()
	m := two.addMap()
	if err := two.Run(t.Context(), "ann", []RunStep{{MapID: m.ID, InitialSync: true, Master: models.Right}}); err != nil {
		t.Fatal(err)
	}
	two.insert("A")
	two.until("the first record is copied", func() bool { return len(two.apps[1].IDs("accounts")) == 1 })
	two.until("the map runs", func() bool {
		now, err := two.store.MapByID(t.Context(), m.ID)
		return err == nil && now.Status == models.Running
	})
	c, err := two.store.ConnectionByID(t.Context(), two.env.LeftConnectionID)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := two.store.SaveConnection(t.Context(), "ann", models.ConnectionDraft{ID: c.ID, Revision: c.Revision, Name: c.Name, Kind: c.Kind, Secrets: map[string]string{"password": "the second"}}); err != nil {
		t.Fatal(err)
	}
	if err := two.Reconnect(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	two.insert("B")
	two.until("the second record is copied", func() bool { return len(two.apps[1].IDs("accounts")) == 2 })
	two.mu.Lock()
	defer two.mu.Unlock()
	if last := two.opened[len(two.opened)-1]; last["password"] != "the second" {
		t.Errorf("the app was opened with %q", two.opened)
	}
	if now, err := two.store.MapByID(t.Context(), m.ID); err != nil || now.Status != models.Running || now.Hold != models.NoHold {
		t.Errorf("the map is %s, held by %q, %v", now.Status, now.Hold, err)
	}
}

func TestAMapOfAnUnlinkedEnvironmentDoesNotRun(t *testing.T) {
	two := openTwoApps(t)
	m := two.addMap()
	if err := two.store.Unlink(t.Context(), "ann", two.env.ID, two.env.Revision); err != nil {
		t.Fatal(err)
	}
	if err := two.Run(t.Context(), "ann", []RunStep{{MapID: m.ID, Master: models.Right}}); models.KindOf(err) != models.Invalid || !strings.Contains(models.MessageOf(err), "not linked") {
		t.Errorf("running it gives %v", err)
	}
	if captured := two.apps[0].Captured(); len(captured) > 0 {
		t.Errorf("%v is captured", captured)
	}
}

// opening is an engine whose one kind of app opens as a test says.
func opening(t *testing.T, open func(context.Context, map[string]string) (connectors.Connector, error)) *Engine {
	t.Helper()
	e, err := New(nil, connectors.Openers{"app": open}, Config{SpillDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestATestOfAConnectionSaysWhoWeAreAndWhatIsMissing(t *testing.T) {
	app := memory.New(connectors.Schema{}, memory.Options{})
	e := opening(t, func(context.Context, map[string]string) (connectors.Connector, error) {
		return healthy{app.Connect()}, nil
	})
	p := e.TestConnection(t.Context(), "app", nil)
	if p.Problem != "" || p.Account != "sync" || p.Product != "App 7" || p.Skew != time.Minute || !slices.Equal(p.Missing, []string{"the right TRIGGER"}) || p.Script != "GRANT TRIGGER TO sync;" {
		t.Errorf("it says %+v", p)
	}
	if p := e.TestConnection(t.Context(), "other", nil); !strings.Contains(p.Problem, `"other"`) {
		t.Errorf("of an unknown kind it says %+v", p)
	}
}

type healthy struct{ connectors.Connector }

func (healthy) Health(context.Context) (connectors.Health, error) {
	return connectors.Health{Account: "sync", Product: "App 7", Skew: time.Minute, Missing: []string{"the right TRIGGER"}, Script: "GRANT TRIGGER TO sync;"}, nil
}

func TestATestOfAConnectionNeverRepeatsASecret(t *testing.T) {
	e := opening(t, func(_ context.Context, settings map[string]string) (connectors.Connector, error) {
		return nil, &connectors.Error{Kind: connectors.Denied, Field: "password", Message: "no entry with " + settings["password"] + " for ann"}
	})
	p := e.TestConnection(t.Context(), "app", map[string]string{"password": "hunter2", "user": "ann"})
	if strings.Contains(p.Problem, "hunter2") || !strings.Contains(p.Problem, "refuses us") || !strings.Contains(p.Problem, "for ann") || p.Field != "password" {
		t.Errorf("it says %+v", p)
	}
	e = opening(t, func(context.Context, map[string]string) (connectors.Connector, error) {
		return nil, errors.New("hunter2")
	})
	if p := e.TestConnection(t.Context(), "app", nil); p.Problem == "" || strings.Contains(p.Problem, "hunter2") {
		t.Errorf("of a fault it says %+v", p)
	}
}

func TestATestOfAConnectionEndsWhateverTheAppDoes(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	e := opening(t, func(context.Context, map[string]string) (connectors.Connector, error) {
		<-hang
		return nil, context.Canceled
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if p := e.TestConnection(ctx, "app", nil); !strings.Contains(p.Problem, "does not answer within 10 seconds") {
		t.Errorf("it says %+v", p)
	}
}

func TestTheListOfEntitiesIsReadAnew(t *testing.T) {
	two := openTwoApps(t)
	list, err := two.Entities(t.Context(), two.env.RightConnectionID)
	if err != nil || len(list) != 1 || list[0] != (EntityName{Name: "accounts", Label: "accounts", Global: true, Keyed: true}) {
		t.Fatalf("it is %+v, %v", list, err)
	}
	two.apps[1].Lie(func(o *memory.Options) {
		o.Fault = func(c memory.Call) memory.Verdict {
			return memory.Verdict{Before: &connectors.Error{Kind: connectors.Unreachable, Message: "gone"}}
		}
	})
	if _, err := two.Entities(t.Context(), two.env.RightConnectionID); models.KindOf(err) != models.Invalid || !strings.Contains(models.MessageOf(err), "right cannot be asked") {
		t.Errorf("of an app that is gone it gives %v", err)
	}
}

func TestASurveyOfTwoAppsFindsLegalEntitiesAndWhatIsWrong(t *testing.T) {
	two := openTwoApps(t)
	ids := [2]int64{two.env.LeftConnectionID, two.env.RightConnectionID}
	found, err := two.Survey(t.Context(), ids)
	if err != nil || found[0].Problem != "" || found[1].Problem != "" || found[0].LegalEntities != nil {
		t.Fatalf("it finds %+v, %v", found, err)
	}
	companies := connectors.EntitySchema{Name: "cdm_companies", Fields: []connectors.Field{{Name: "code", Type: connectors.Text}},
		Keys: []connectors.AlternateKey{{Name: "key", Fields: []string{"code"}, Active: true}}}
	two.apps[0] = memory.New(connectors.Schema{Entities: []connectors.EntitySchema{companies}}, memory.Options{})
	for _, code := range []string{"USMF", "DEMF"} {
		if _, err := two.apps[0].Insert("cdm_companies", map[string]connectors.Value{"code": connectors.TextValue(code)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := two.Reconnect(t.Context(), ids[0]); err != nil {
		t.Fatal(err)
	}
	two.apps[1].Lie(func(o *memory.Options) {
		o.Fault = func(memory.Call) memory.Verdict {
			return memory.Verdict{Before: &connectors.Error{Kind: connectors.Denied, Message: "go away"}}
		}
	})
	if found, err = two.Survey(t.Context(), ids); err != nil || !slices.Equal(found[0].LegalEntities, []string{"DEMF", "USMF"}) || !strings.Contains(found[1].Problem, "refuses us: go away") {
		t.Errorf("it finds %+v, %v", found, err)
	}
	if _, err := two.Survey(t.Context(), [2]int64{99, ids[1]}); models.KindOf(err) != models.NotFound {
		t.Errorf("of a connection that is not there it says %v", err)
	}
}
