package models

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"
)

// Connection is one app that can be read and written.
type Connection struct {
	ID        int64 `gorm:"primaryKey"`
	Name      string
	Kind      string            // ConnectionKind.Name
	Settings  map[string]string `gorm:"serializer:json"` // no secrets
	Revision  int               `gorm:"default:1"`       // counts changes
	CreatedAt time.Time
}

// connectionSecrets is the owner of the secrets of connections.
const connectionSecrets = "connections"

// ConnectionDraft is what somebody wants a connection to be.
type ConnectionDraft struct {
	ID       int64 // 0 for a new one
	Revision int   // of what was changed; of a new one 0
	Name     string
	Kind     string
	// Settings are those that are no secrets, references among them; what is
	// not in it is not set.
	Settings map[string]string
	Secrets  map[string]string // as typed; the others stay as they are
	Forget   []string          // secrets to be forgotten
}

// Connections lists all connections by name.
func (s *Store) Connections(ctx context.Context) ([]Connection, error) {
	var out []Connection
	err := s.reader.WithContext(ctx).Order("name").Find(&out).Error
	return out, storeError(err)
}

// ConnectionByID reads one connection.
func (s *Store) ConnectionByID(ctx context.Context, id int64) (Connection, error) {
	var c Connection
	err := storeError(s.reader.WithContext(ctx).Take(&c, id).Error)
	if KindOf(err) == NotFound {
		return c, Errorf(NotFound, "there is no connection %d; it may have been deleted", id)
	}
	return c, err
}

// OpenSettings gives everything that the app of a connection is opened with, its
// secrets in clear.
func (s *Store) OpenSettings(ctx context.Context, c *Connection) (map[string]string, error) {
	out, err := s.openSecrets(ctx, connectionSecrets, c.ID)
	if err != nil {
		return nil, err
	}
	maps.Copy(out, c.Settings)
	return out, nil
}

// ConnectionSecrets tells which secrets of a connection are kept, and since when.
func (s *Store) ConnectionSecrets(ctx context.Context, id int64) (map[string]time.Time, error) {
	return s.SecretTimes(ctx, connectionSecrets, id)
}

// TrialSettings gives what the app of a draft would be opened with if the draft
// was saved: secrets that would be cleared are not used.
func (s *Store) TrialSettings(ctx context.Context, d ConnectionDraft) (map[string]string, error) {
	out := map[string]string{}
	if d.ID != 0 {
		old, err := s.ConnectionByID(ctx, d.ID)
		if err != nil {
			return nil, err
		}
		if !moved(old.Settings, d.Settings) {
			if out, err = s.openSecrets(ctx, connectionSecrets, d.ID); err != nil && KindOf(err) != Invalid {
				return nil, err
			}
		}
	}
	for _, field := range d.Forget {
		delete(out, field)
	}
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, d.Settings)
	maps.Copy(out, d.Secrets)
	return out, nil
}

// SaveConnection adds or changes a connection. A change of its address clears
// the secrets that were not typed with it; cleared names them. Fails with kind
// Conflict when somebody else changed it meanwhile, the name is taken, or a map
// that is running uses what would change, and Invalid when a password stands in
// an address.
func (s *Store) SaveConnection(ctx context.Context, actor string, d ConnectionDraft) (c Connection, cleared []string, err error) {
	d = d.sorted()
	if err := checkName(d.Name); err != nil {
		return c, nil, err
	}
	for name, value := range d.Settings {
		if _, held := WithoutPassword(value); held {
			return c, nil, Errorf(Invalid, "the %s must not hold a password, because it is shown to people; type the password where it is asked for, or give the whole as env:NAME or file:PATH", name)
		}
	}
	err = s.write(ctx, func(tx *gorm.DB) error {
		c = Connection{Name: d.Name, Kind: d.Kind, Settings: d.Settings}
		verb, what := "connection added", d.Name
		if d.ID == 0 {
			err = tx.Create(&c).Error
		} else if cleared, err = s.changeConnection(tx, &c, d); err == nil {
			verb = "connection changed"
		}
		if err != nil {
			return err
		}
		for _, field := range slices.Sorted(maps.Keys(d.Secrets)) {
			if err := s.setSecret(tx, connectionSecrets, c.ID, field, d.Secrets[field]); err != nil {
				return err
			}
			what += "; new " + field
		}
		if len(cleared) > 0 {
			what += "; cleared " + strings.Join(cleared, ", ")
		}
		return s.record(tx, Activity{Actor: actor, Verb: verb, Detail: what})
	})
	var e *Error
	if errors.As(err, &e) && errors.Is(e.Err, gorm.ErrDuplicatedKey) {
		err = Errorf(Conflict, "there is another connection named %s; give this one another name", d.Name)
	}
	return c, cleared, err
}

// sorted puts references among the settings, where they belong, wherever they
// were typed.
func (d ConnectionDraft) sorted() ConnectionDraft {
	d.Name = strings.TrimSpace(d.Name)
	settings, secrets := maps.Clone(d.Settings), map[string]string{}
	if settings == nil {
		settings = map[string]string{}
	}
	for field, value := range d.Secrets {
		if Referred(value) {
			settings[field] = value
			d.Forget = append(slices.Clone(d.Forget), field)
		} else {
			secrets[field] = value
			delete(settings, field)
		}
	}
	d.Settings, d.Secrets = settings, secrets
	return d
}

func (s *Store) changeConnection(tx *gorm.DB, c *Connection, d ConnectionDraft) (cleared []string, err error) {
	var old Connection
	if err := tx.Take(&old, d.ID).Error; err != nil {
		return nil, err
	}
	if old.Revision != d.Revision {
		return nil, Errorf(Conflict, "somebody else changed the connection %s meanwhile", old.Name)
	}
	c.ID, c.Kind, c.Revision, c.CreatedAt = old.ID, old.Kind, old.Revision+1, old.CreatedAt
	if !maps.Equal(old.Settings, d.Settings) {
		if err := connectionAtRest(tx, &old); err != nil {
			return nil, err
		}
	}
	if moved(old.Settings, d.Settings) {
		if cleared, err = s.dropSecrets(tx, connectionSecrets, old.ID); err != nil {
			return nil, err
		}
		cleared = slices.DeleteFunc(cleared, func(f string) bool { return d.Secrets[f] != "" || d.Settings[f] != "" })
	} else if len(d.Forget) > 0 {
		if _, err = s.dropSecrets(tx, connectionSecrets, old.ID, d.Forget...); err != nil {
			return nil, err
		}
	}
	return cleared, tx.Model(&old).Select("Name", "Settings", "Revision").Updates(c).Error
}

// connectionAtRest fails with kind Conflict while a map that uses the connection
// is not at rest.
func connectionAtRest(tx *gorm.DB, c *Connection) error {
	var busy Map
	err := tx.Joins("JOIN environments e ON e.id = entity_maps.environment_id").
		Where("(e.left_connection_id = ? OR e.right_connection_id = ?) AND entity_maps.status <> ?", c.ID, c.ID, NotRunning).Order("entity_maps.name").Take(&busy).Error
	if err == nil {
		return Errorf(Conflict, "the connection %s is used by %s, which is %s; stop it first", c.Name, busy.Name, busy.Status)
	}
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil
	}
	return err
}

// DeleteConnection forgets a connection and its secrets. Fails with kind
// Conflict while an environment names it.
func (s *Store) DeleteConnection(ctx context.Context, actor string, id int64) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		var c Connection
		if err := tx.Take(&c, id).Error; err != nil {
			return err
		}
		var names []string
		if err := tx.Model(&Environment{}).Where("left_connection_id = ? OR right_connection_id = ?", id, id).Order("name").Pluck("name", &names).Error; err != nil {
			return err
		}
		if len(names) > 0 {
			return Errorf(Conflict, "the connection %s is used by %s; only a connection that nothing uses can be deleted", c.Name, strings.Join(names, ", "))
		}
		for _, owner := range []string{connectionSecrets, hookSecrets} {
			if _, err := s.dropSecrets(tx, owner, id); err != nil {
				return err
			}
		}
		if err := tx.Where("connection_id = ?", id).Delete(&Feed{}).Error; err != nil {
			return err
		}
		if err := tx.Delete(&c).Error; err != nil {
			return err
		}
		return s.record(tx, Activity{Actor: actor, Verb: "connection deleted", Detail: c.Name})
	})
}

// longestName is in characters.
const longestName = 100

// checkName refuses names of connections, environments and maps that people
// could not read or tell apart.
func checkName(name string) error {
	if n := utf8.RuneCountInString(name); n == 0 || n > longestName || !utf8.ValidString(name) {
		return Errorf(Invalid, "a name has 1 to %d characters", longestName)
	}
	if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return &Error{Kind: Invalid, Message: fmt.Sprintf("the name %q has characters that cannot be seen", name)}
	}
	return nil
}
