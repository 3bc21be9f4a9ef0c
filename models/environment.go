package models

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"
)

// Environment links two connections.
type Environment struct {
	ID                int64 `gorm:"primaryKey"`
	Name              string
	LeftConnectionID  int64
	RightConnectionID int64
	Companies         []string   `gorm:"serializer:json"` // legal entities that are synchronised
	UnlinkedAt        *time.Time // since when it links no apps, nil while it does; its connections are then those it had
	Revision          int        `gorm:"default:1"` // counts changes
	CreatedAt         time.Time
}

// ConnectionID is the connection of one side.
func (e *Environment) ConnectionID(s Side) int64 {
	if s == Right {
		return e.RightConnectionID
	}
	return e.LeftConnectionID
}

// Linked reports whether maps of the environment may run.
func (e *Environment) Linked() bool { return e.UnlinkedAt == nil }

// Environments lists all environments by name.
func (s *Store) Environments(ctx context.Context) ([]Environment, error) {
	var out []Environment
	err := s.reader.WithContext(ctx).Order("name").Find(&out).Error
	return out, storeError(err)
}

// EnvironmentByID reads one environment.
func (s *Store) EnvironmentByID(ctx context.Context, id int64) (Environment, error) {
	var e Environment
	err := storeError(s.reader.WithContext(ctx).Take(&e, id).Error)
	if KindOf(err) == NotFound {
		return e, Errorf(NotFound, "there is no environment %d; it may have been deleted", id)
	}
	return e, err
}

// LinkEnvironment makes an environment of two connections, which must differ.
// Fails with kind Conflict when its name is taken.
func (s *Store) LinkEnvironment(ctx context.Context, actor string, e Environment) (Environment, error) {
	e.ID, e.Name, e.Companies = 0, strings.TrimSpace(e.Name), joinCompanies(nil, e.Companies)
	if err := checkName(e.Name); err != nil {
		return e, err
	}
	err := s.write(ctx, func(tx *gorm.DB) error {
		if err := differentConnections(tx, &e); err != nil {
			return err
		}
		if err := tx.Create(&e).Error; err != nil {
			return err
		}
		return s.record(tx, Activity{Actor: actor, Verb: "environment linked", Detail: e.Name})
	})
	return e, environmentTaken(err, e.Name)
}

// differentConnections fails with kind Invalid unless both connections exist
// and are two.
func differentConnections(tx *gorm.DB, e *Environment) error {
	if e.LeftConnectionID == e.RightConnectionID {
		return Errorf(Invalid, "choose two different connections: an app cannot be kept in step with itself")
	}
	for _, side := range Sides {
		var c Connection
		if err := tx.Take(&c, e.ConnectionID(side)).Error; errors.Is(err, gorm.ErrRecordNotFound) {
			return Errorf(Invalid, "choose the connection of the %s side; the one that was chosen does not exist", side)
		} else if err != nil {
			return err
		}
	}
	return nil
}

func environmentTaken(err error, name string) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return Errorf(Conflict, "there is another environment named %s; give this one another name", name)
	}
	return err
}

// ChangeEnvironment renames an environment and adds legal entities to it. Maps
// that are per legal entity and not at rest go through the initial write of the
// added ones alone, in the given order of map ids. Fails with kind Conflict when
// somebody else changed the environment meanwhile.
func (s *Store) ChangeEnvironment(ctx context.Context, actor string, id int64, revision int, name string, add []string, order []int64) (Environment, error) {
	var e Environment
	name = strings.TrimSpace(name)
	if err := checkName(name); err != nil {
		return e, err
	}
	err := s.write(ctx, func(tx *gorm.DB) error {
		if err := takeEnvironment(tx, &e, id, revision); err != nil {
			return err
		}
		companies := joinCompanies(e.Companies, add)
		if added := companies[len(e.Companies):]; len(added) > 0 {
			if err := s.extend(tx, actor, &e, added, order); err != nil {
				return err
			}
			if err := s.record(tx, Activity{Actor: actor, Verb: "legal entity added", Detail: e.Name + ": " + strings.Join(added, ", ")}); err != nil {
				return err
			}
		}
		if name != e.Name {
			if err := s.record(tx, Activity{Actor: actor, Verb: "environment renamed", Detail: e.Name + " is now " + name}); err != nil {
				return err
			}
		}
		e.Name, e.Companies, e.Revision = name, companies, revision+1
		return tx.Model(&e).Select("Name", "Companies", "Revision").Updates(&e).Error
	})
	return e, environmentTaken(err, name)
}

// takeEnvironment reads an environment that is about to be changed. Fails with
// kind Conflict when it is not what the person saw.
func takeEnvironment(tx *gorm.DB, e *Environment, id int64, revision int) error {
	if err := tx.Take(e, id).Error; err != nil {
		return err
	}
	if e.Revision != revision {
		return Errorf(Conflict, "somebody else changed the environment %s meanwhile", e.Name)
	}
	return nil
}
