package models

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// MapVersion is a map as it was saved under a publisher and a version.
type MapVersion struct {
	ID          int64 `gorm:"primaryKey"`
	MapID       int64
	Publisher   string
	Version     string // "1.0.0.0"
	Description string
	Definition  Definition `gorm:"serializer:json"`
	Original    bool       // as shipped or imported: kept when the map is first changed
	CreatedBy   string
	CreatedAt   time.Time
}

// SaveDefinition changes what a map does. revision is the one that the person
// looked at: when somebody else has saved since, or the map runs, it fails with
// kind Conflict and changes nothing. It fails with kind Invalid when links would
// be wrong under the new definition, or a map that is not per legal entity would be
// limited to some. Of a map that was never changed, what it was
// is kept as its original version.
func (s *Store) SaveDefinition(ctx context.Context, mapID int64, revision int, next Definition, actor, detail string) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		m, err := s.editable(tx, mapID)
		if err != nil {
			return err
		}
		if m.Definition.Revision != revision {
			return Errorf(Conflict, "%s was changed by somebody else since you opened it. What you typed is below; look at what is there now and save again", m.Name)
		}
		return s.redefine(tx, m, next, actor, detail)
	})
}

// editable reads a map that may be changed, and keeps others from changing it.
func (s *Store) editable(tx *gorm.DB, mapID int64) (*Map, error) {
	var m Map
	if err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Take(&m, mapID).Error; err != nil {
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return nil, Errorf(NotFound, "there is no entity map %d; it may have been deleted", mapID)
		}
		return nil, err
	}
	if m.Status != NotRunning {
		return nil, Errorf(Conflict, "%s is %s; it can be changed only while it is not running. Stop it first", m.Name, m.Status)
	}
	return &m, nil
}

// redefine writes a definition, if it differs.
func (s *Store) redefine(tx *gorm.DB, m *Map, next Definition, actor, detail string) error {
	definition, changed := m.Definition.Revise(next)
	if !changed {
		return nil
	}
	if len(definition.Companies) > 0 && definition.Left.Company == "" {
		return Errorf(Invalid, "%s is limited to %s, so it must be per legal entity; take all legal entities first", m.Name, strings.Join(definition.Companies, ", "))
	}
	if !m.Definition.SameRecords(&definition) {
		var links bool
		if err := tx.Raw(anyLinks, m.ID, m.ID).Scan(&links).Error; err != nil {
			return err
		}
		if links {
			return Errorf(Invalid, "%s has linked records by its entities, its key and its legal entity, so these cannot change; add a new map of another name instead", m.Name)
		}
	}
	if err := s.keepOriginal(tx, m); err != nil {
		return err
	}
	err := tx.Model(&Map{ID: m.ID}).Select("Definition", "LeftEntity", "RightEntity").
		Updates(&Map{Definition: definition, LeftEntity: definition.Left.Entity, RightEntity: definition.Right.Entity}).Error
	if err != nil {
		return err
	}
	return s.record(tx, Activity{MapID: &m.ID, Actor: actor, Verb: "changed", Detail: detail})
}

// keepOriginal saves a map that has no version yet as it stands.
func (s *Store) keepOriginal(tx *gorm.DB, m *Map) error {
	var n int64
	if err := tx.Model(&MapVersion{}).Where("map_id = ?", m.ID).Count(&n).Error; err != nil || n > 0 {
		return err
	}
	return tx.Create(&MapVersion{MapID: m.ID, Publisher: m.Publisher, Version: m.Version, Description: m.Description, Definition: m.Definition, Original: true, CreatedBy: System}).Error
}

// isVersion reports whether a text is four numbers with points between them.
func isVersion(text string) bool {
	parts := strings.Split(text, ".")
	return len(parts) == 4 && !slices.ContainsFunc(parts, func(p string) bool { return p == "" || len(p) > 9 || strings.Trim(p, "0123456789") != "" })
}

// SaveVersion saves a map as it stands under a publisher and a version, which
// become those of the map. Fails with kind Invalid on a version that is not four
// numbers, and Conflict when there is one of that name, or the map runs.
func (s *Store) SaveVersion(ctx context.Context, mapID int64, v MapVersion, actor string) error {
	switch {
	case v.Publisher == "":
		return Errorf(Invalid, "Say who publishes this version.")
	case !isVersion(v.Version):
		return Errorf(Invalid, "A version is four numbers with points between them, such as 1.0.0.1.")
	}
	err := s.write(ctx, func(tx *gorm.DB) error {
		m, err := s.editable(tx, mapID)
		if err != nil {
			return err
		}
		if err := s.keepOriginal(tx, m); err != nil {
			return err
		}
		row := MapVersion{MapID: mapID, Publisher: v.Publisher, Version: v.Version, Description: v.Description, Definition: m.Definition, CreatedBy: actor}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		err = tx.Model(&Map{ID: mapID}).Select("Publisher", "Version", "Description").Updates(&Map{Publisher: v.Publisher, Version: v.Version, Description: v.Description}).Error
		if err != nil {
			return err
		}
		return s.record(tx, Activity{MapID: &mapID, Actor: actor, Verb: "saved as", Detail: v.Version + " - " + v.Publisher})
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return Errorf(Conflict, "%s has saved version %s of this map already. Choose a higher one.", v.Publisher, v.Version)
	}
	return err
}

// UseVersion makes a map what it was saved as. It fails as SaveDefinition does.
func (s *Store) UseVersion(ctx context.Context, mapID, versionID int64, actor string) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		m, err := s.editable(tx, mapID)
		if err != nil {
			return err
		}
		var v MapVersion
		if err := tx.Where("map_id = ?", mapID).Take(&v, versionID).Error; err != nil {
			return err
		}
		if err := s.redefine(tx, m, v.Definition, actor, "to version "+v.Version+" - "+v.Publisher); err != nil {
			return err
		}
		return tx.Model(&Map{ID: mapID}).Select("Publisher", "Version", "Description").Updates(&Map{Publisher: v.Publisher, Version: v.Version, Description: v.Description}).Error
	})
}

// Versions lists what a map was saved as, the newest first.
func (s *Store) Versions(ctx context.Context, mapID int64) ([]MapVersion, error) {
	var out []MapVersion
	err := s.reader.WithContext(ctx).Where("map_id = ?", mapID).Order("id DESC").Find(&out).Error
	return out, storeError(err)
}
