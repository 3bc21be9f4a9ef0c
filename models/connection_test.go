package models

import (
	"slices"
	"strings"
	"testing"
)

func (d ConnectionDraft) with(change func(*ConnectionDraft)) ConnectionDraft {
	change(&d)
	return d
}

func TestAChangeOfAddressClearsTheSecretsThatWereNotTypedWithIt(t *testing.T) {
	s, _, c := secretStore(t)
	d := ConnectionDraft{ID: c.ID, Revision: c.Revision, Name: "ERP", Kind: "postgres", Settings: map[string]string{"host": "erp.example", "user": "other"}}
	save := func(d ConnectionDraft, want string, wantCleared ...string) {
		t.Helper()
		saved, cleared, err := s.SaveConnection(t.Context(), "ann", d)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := passwordOf(t, s, saved.ID); got != want || err != nil || !slices.Equal(cleared, wantCleared) {
			t.Errorf("the app is opened with %q, %v; cleared %q", got, err, cleared)
		}
		c = saved
	}
	save(d, "hunter2-hunter2")
	elsewhere := d.with(func(d *ConnectionDraft) {
		d.Revision, d.Settings = c.Revision, map[string]string{"host": "elsewhere.example", "user": "other"}
	})
	if trial, err := s.TrialSettings(t.Context(), elsewhere); err != nil || trial["password"] != "" || trial["host"] != "elsewhere.example" {
		t.Errorf("a trial of another address would send %q, %v", trial, err)
	}
	save(elsewhere, "", "password")
	back := d.with(func(d *ConnectionDraft) {
		d.Revision, d.Secrets = c.Revision, map[string]string{"password": "typed again"}
	})
	save(back, "typed again")
	save(d.with(func(d *ConnectionDraft) {
		d.Revision, d.Secrets = c.Revision, map[string]string{"password": "env:ERP_PASSWORD"}
	}), "env:ERP_PASSWORD")
	if times, err := s.ConnectionSecrets(t.Context(), c.ID); err != nil || len(times) != 0 {
		t.Errorf("beside the reference %v is kept, %v", times, err)
	}
	save(d.with(func(d *ConnectionDraft) { d.Revision, d.Secrets = c.Revision, map[string]string{"password": "sealed"} }), "sealed")
	save(d.with(func(d *ConnectionDraft) { d.Revision, d.Forget = c.Revision, []string{"password"} }), "")
}

func TestAnAppliedAddressClearsSecretsToo(t *testing.T) {
	s, _, c := secretStore(t)
	apply := func(settings map[string]string) string {
		t.Helper()
		done, err := s.ApplySetup(t.Context(), &Setup{Connections: []Connection{{Name: "ERP", Kind: "postgres", Settings: settings}}}, "ann")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(done, "\n")
	}
	if said := apply(map[string]string{"host": "erp.example", "user": "other"}); strings.Contains(said, "password") {
		t.Errorf("another user says %q", said)
	}
	if got, err := passwordOf(t, s, c.ID); got != "hunter2-hunter2" || err != nil {
		t.Errorf("another user leaves the password %q, %v", got, err)
	}
	if said := apply(map[string]string{"host": "elsewhere.example", "user": "other"}); !strings.Contains(said, "password must be given again") {
		t.Errorf("another host says %q", said)
	}
	if got, err := passwordOf(t, s, c.ID); got != "" || err != nil {
		t.Errorf("another host leaves the password %q, %v", got, err)
	}
}

func TestTheSecondOfTwoWhoChangeAConnectionIsTold(t *testing.T) {
	s, _, c := secretStore(t)
	draft := func(name string) ConnectionDraft {
		return ConnectionDraft{ID: c.ID, Revision: c.Revision, Name: name, Kind: "postgres", Settings: c.Settings}
	}
	if _, _, err := s.SaveConnection(t.Context(), "ann", draft("first")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.SaveConnection(t.Context(), "bob", draft("second")); KindOf(err) != Conflict || !strings.Contains(MessageOf(err), "meanwhile") {
		t.Errorf("the second gets %v", err)
	}
	if now, err := s.ConnectionByID(t.Context(), c.ID); err != nil || now.Name != "first" {
		t.Errorf("it is %q, %v", now.Name, err)
	}
}

func TestAConnectionInUseCannotBeDeletedOrMoved(t *testing.T) {
	s, apply := appliedStore(t)
	if _, err := apply(nil); err != nil {
		t.Fatal(err)
	}
	all, err := s.Connections(t.Context())
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	if err := s.DeleteConnection(t.Context(), "ann", all[0].ID); KindOf(err) != Conflict || !strings.Contains(MessageOf(err), "used by Company") {
		t.Errorf("deleting gives %v", err)
	}
	maps, err := s.Maps(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Move(t.Context(), Move{MapID: maps[0].ID, Command: RunLive, Actor: "ann"}); err != nil {
		t.Fatal(err)
	}
	d := ConnectionDraft{ID: all[0].ID, Revision: all[0].Revision, Name: all[0].Name, Kind: all[0].Kind, Settings: map[string]string{"path": "elsewhere"}}
	if _, _, err := s.SaveConnection(t.Context(), "ann", d); KindOf(err) != Conflict || !strings.Contains(MessageOf(err), "Customers, which is running") {
		t.Errorf("moving gives %v", err)
	}
	d.Settings, d.Secrets = all[0].Settings, map[string]string{"password": "a new one"}
	if _, _, err := s.SaveConnection(t.Context(), "ann", d); err != nil {
		t.Errorf("a new password while a map runs gives %v", err)
	}
}

func TestADeletedConnectionLeavesNoSecret(t *testing.T) {
	s, _, c := secretStore(t)
	if err := s.DeleteConnection(t.Context(), "ann", c.ID); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := s.writes.QueryRow("SELECT count(*) FROM secrets").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d secrets are left, %v", n, err)
	}
	if _, err := s.ConnectionByID(t.Context(), c.ID); KindOf(err) != NotFound {
		t.Errorf("reading it gives %v", err)
	}
}

func TestConnectionsHaveNamesThatPeopleCanTellApart(t *testing.T) {
	s, _, _ := secretStore(t)
	for name, want := range map[string]Kind{"": Invalid, "  ": Invalid, "a\x00b": Invalid, strings.Repeat("x", 101): Invalid, " ERP ": Conflict} {
		if _, _, err := s.SaveConnection(t.Context(), "ann", ConnectionDraft{Name: name, Kind: "sqlite"}); KindOf(err) != want {
			t.Errorf("%q gives %v", name, err)
		}
	}
}

func TestAPasswordInAnAddressIsRefused(t *testing.T) {
	s, _, _ := secretStore(t)
	d := ConnectionDraft{Name: "CRM", Kind: "postgres", Settings: map[string]string{"url": "postgres://sync:hunter2@crm.example/crm"}}
	if _, _, err := s.SaveConnection(t.Context(), "ann", d); KindOf(err) != Invalid || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("it gives %v", err)
	}
	d.Settings["url"] = "postgres://sync@crm.example/crm"
	if _, _, err := s.SaveConnection(t.Context(), "ann", d); err != nil {
		t.Error(err)
	}
}
