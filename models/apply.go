package models

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// Setup is what an administrator sets up, by names instead of ids.
type Setup struct {
	Connections  []Connection
	Environments []EnvironmentSetup
}

// EnvironmentSetup is an environment with its maps. The definitions of the maps
// need no slots and no revision: those are given when they are applied.
type EnvironmentSetup struct {
	Name        string
	Left, Right string // names of connections
	Companies   []string
	Maps        []Map
}

// ApplySetup makes the store hold what the setup names, all or nothing, and
// says in one line each what has changed. What it does not name stays. A map
// must not be running to be changed, nor its connections.
func (s *Store) ApplySetup(ctx context.Context, setup *Setup, actor string) (done []string, err error) {
	return s.applySetup(ctx, setup, actor, nil)
}

// errTried undoes what was done only to see whether it can be.
var errTried = errors.New("tried only")

// TrySetup says what ApplySetup would change, and changes nothing.
func (s *Store) TrySetup(ctx context.Context, setup *Setup, actor string) (done []string, err error) {
	if done, err = s.applySetup(ctx, setup, actor, errTried); errors.Is(err, errTried) {
		err = nil
	}
	return done, err
}

func (s *Store) applySetup(ctx context.Context, setup *Setup, actor string, end error) (done []string, err error) {
	err = s.write(ctx, func(tx *gorm.DB) error {
		a := &applying{s: s, tx: tx, actor: actor}
		for i := range setup.Connections {
			if err := a.connection(&setup.Connections[i]); err != nil {
				return err
			}
		}
		for i := range setup.Environments {
			if err := a.environment(&setup.Environments[i]); err != nil {
				return err
			}
		}
		for _, line := range a.done {
			if err := s.record(tx, Activity{Actor: actor, Verb: "applied", Detail: line}); err != nil {
				return err
			}
		}
		done = a.done
		return end
	})
	return done, err
}

// applying is one ApplySetup under way.
type applying struct {
	s     *Store
	tx    *gorm.DB
	actor string
	done  []string
}

func (a *applying) say(format string, args ...any) {
	a.done = append(a.done, fmt.Sprintf(format, args...))
}

func (a *applying) connection(c *Connection) error {
	settings := c.Settings
	if settings == nil {
		settings = map[string]string{}
	}
	var old Connection
	switch err := a.tx.Where("name = ?", c.Name).Take(&old).Error; {
	case errors.Is(err, gorm.ErrRecordNotFound):
		a.say("connection %s added", c.Name)
		return a.tx.Create(&Connection{Name: c.Name, Kind: c.Kind, Settings: settings}).Error
	case err != nil:
		return err
	case old.Kind == c.Kind && maps.Equal(old.Settings, settings):
		return nil
	case old.Kind != c.Kind:
		return Errorf(Invalid, "the connection %s is of kind %s and cannot become %s; give the new one another name", c.Name, old.Kind, c.Kind)
	}
	if err := connectionAtRest(a.tx, &old); err != nil {
		return err
	}
	if moved(old.Settings, settings) {
		cleared, err := a.s.dropSecrets(a.tx, connectionSecrets, old.ID)
		if err != nil {
			return err
		}
		if len(cleared) > 0 {
			a.say("connection %s changed; it leads elsewhere, so its %s must be given again", c.Name, strings.Join(cleared, ", "))
			return a.changed(&old, settings)
		}
	}
	a.say("connection %s changed", c.Name)
	return a.changed(&old, settings)
}

// changed stores other settings. A reference takes the place of a secret that
// was typed.
func (a *applying) changed(old *Connection, settings map[string]string) error {
	if fields := slices.Collect(maps.Keys(settings)); len(fields) > 0 {
		if _, err := a.s.dropSecrets(a.tx, connectionSecrets, old.ID, fields...); err != nil {
			return err
		}
	}
	return a.tx.Model(old).Select("Settings", "Revision").Updates(&Connection{Settings: settings, Revision: old.Revision + 1}).Error
}

func (a *applying) environment(e *EnvironmentSetup) error {
	var ids [2]int64
	for i, name := range []string{e.Left, e.Right} {
		var c Connection
		err := a.tx.Where("name = ?", name).Take(&c).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return Errorf(Invalid, "the environment %s names the connection %s, which neither the file nor the store has", e.Name, name)
		}
		if err != nil {
			return err
		}
		ids[i] = c.ID
	}
	companies := e.Companies
	if companies == nil {
		companies = []string{}
	}
	var env Environment
	switch err := a.tx.Where("name = ?", e.Name).Take(&env).Error; {
	case errors.Is(err, gorm.ErrRecordNotFound):
		env = Environment{Name: e.Name, LeftConnectionID: ids[0], RightConnectionID: ids[1], Companies: companies}
		if err := a.tx.Create(&env).Error; err != nil {
			return err
		}
		a.say("environment %s linked: %s and %s", e.Name, e.Left, e.Right)
	case err != nil:
		return err
	case env.LeftConnectionID != ids[0] || env.RightConnectionID != ids[1]:
		return Errorf(Invalid, "the environment %s links other connections; links of its records would be wrong. Give the new one another name", e.Name)
	case !slices.Equal(env.Companies, companies):
		if err := a.companies(&env, companies); err != nil {
			return err
		}
	}
	for i := range e.Maps {
		if err := a.entityMap(&env, &e.Maps[i]); err != nil {
			return err
		}
	}
	return nil
}

// companies gives an environment its legal entities. What is added is brought in
// by maps that run; nothing is taken away under one.
func (a *applying) companies(env *Environment, companies []string) error {
	added := slices.DeleteFunc(slices.Clone(companies), func(c string) bool { return slices.Contains(env.Companies, c) })
	if len(companies)-len(added) < len(env.Companies) {
		busy, err := companyMaps(a.tx, env)
		if err != nil {
			return err
		}
		if len(busy) > 0 {
			return Errorf(Conflict, "no legal entity of %s can be taken away while %s is %s; stop it first", env.Name, busy[0].Name, busy[0].Status)
		}
	}
	if len(added) > 0 {
		if err := a.s.extend(a.tx, a.actor, env, added, nil); err != nil {
			return err
		}
	}
	a.say("legal entities of %s changed", env.Name)
	return a.tx.Model(env).Select("Companies", "Revision").Updates(&Environment{Companies: companies, Revision: env.Revision + 1}).Error
}

func (a *applying) entityMap(env *Environment, m *Map) error {
	var old Map
	err := a.tx.Where("environment_id = ? AND name = ?", env.ID, m.Name).Take(&old).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		made := *m
		made.EnvironmentID = env.ID
		made.Definition, _ = (&Definition{}).Revise(m.Definition)
		a.say("map %s added", m.Name)
		return a.s.createMap(a.tx, &made)
	}
	if err != nil {
		return err
	}
	master := m.Master
	if master == "" {
		master = old.Master
	}
	if _, changed := old.Definition.Revise(m.Definition); !changed && master == old.Master && m.Description == old.Description && m.Publisher == old.Publisher && m.Version == old.Version {
		return nil
	}
	held, err := a.s.editable(a.tx, old.ID)
	if err != nil {
		return err
	}
	if err := a.s.redefine(a.tx, held, m.Definition, a.actor, "from a file"); err != nil {
		return err
	}
	a.say("map %s changed", m.Name)
	return a.tx.Model(held).Select("Master", "Description", "Publisher", "Version").
		Updates(&Map{Master: master, Description: m.Description, Publisher: m.Publisher, Version: m.Version}).Error
}

// ExportSetup gives everything that an administrator has set up, by name.
func (s *Store) ExportSetup(ctx context.Context) (*Setup, error) {
	out := &Setup{}
	db := s.reader.WithContext(ctx)
	if err := db.Order("name").Find(&out.Connections).Error; err != nil {
		return nil, storeError(err)
	}
	names := map[int64]string{}
	for _, c := range out.Connections {
		names[c.ID] = c.Name
	}
	environments, err := s.Environments(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range environments {
		made := EnvironmentSetup{Name: e.Name, Left: names[e.LeftConnectionID], Right: names[e.RightConnectionID], Companies: e.Companies}
		if err := db.Where("environment_id = ?", e.ID).Order("name").Find(&made.Maps).Error; err != nil {
			return nil, storeError(err)
		}
		out.Environments = append(out.Environments, made)
	}
	return out, nil
}
