package main

import (
	"testing"

	"dualwrite/connectors"
	"dualwrite/models"
)

func TestEveryKindOfAppCanBeSetUpInTheConsole(t *testing.T) {
	open := openers(t.TempDir())
	described := map[string]bool{}
	for _, k := range connectionKinds(open) {
		described[k.Name] = true
		_, err := open[k.Name](t.Context(), map[string]string{})
		if connectors.KindOf(err) != connectors.Invalid {
			t.Errorf("%s without settings gives %v", k.Name, err)
		}
	}
	for kind := range open {
		if !described[kind] {
			t.Errorf("the settings of the kind %s are described nowhere", kind)
		}
	}
}

func TestKindsAreDescribedWell(t *testing.T) {
	for _, k := range []models.ConnectionKind{financeKind(), dataverseKind(), odataKind(), postgresKind(), mysqlKind(), sqliteKind()} {
		checkKind(t, k)
	}
}

func checkKind(t *testing.T, k models.ConnectionKind) {
	t.Helper()
	if k.Label == "" || len(k.Settings) == 0 {
		t.Errorf("%s has no label or no settings", k.Name)
	}
	seen := map[string]bool{}
	for _, s := range k.Settings {
		if _, ok := k.Setting(s.Instead); s.Instead != "" && !ok || s.Label == "" || seen[s.Name] {
			t.Errorf("%s: the setting %s is there twice, has no label or an unknown substitute", k.Name, s.Name)
		}
		seen[s.Name] = true
	}
}
