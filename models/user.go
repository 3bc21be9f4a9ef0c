package models

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"
)

// Role is what a user may do. Each role may do all that the one before it may.
type Role string

// The roles.
const (
	Viewer        Role = "viewer"        // sees everything but secrets
	Operator      Role = "operator"      // runs, pauses, stops, retries
	Administrator Role = "administrator" // changes maps, connections, users and settings
)

// Roles lists all, the weakest first.
var Roles = []Role{Viewer, Operator, Administrator}

// Allows reports whether the role covers what needs another one. An unknown
// role covers nothing, and nobody covers an unknown need.
func (r Role) Allows(need Role) bool {
	rank := map[Role]int{Viewer: 1, Operator: 2, Administrator: 3}
	return rank[need] > 0 && rank[r] >= rank[need]
}

// User is somebody who may sign in.
type User struct {
	ID           int64 `gorm:"primaryKey"`
	Name         string
	Folded       string // Name in lower case; unique
	PasswordHash string // PHC string
	Role         Role
	Disabled     bool
	CreatedAt    time.Time
}

// longestUserName is in characters.
const longestUserName = 64

// FoldName is the form under which a user's name is unique and looked up.
func FoldName(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// checkUserName refuses names that could not be told apart on a page.
func checkUserName(name string) error {
	n := utf8.RuneCountInString(name)
	if n == 0 || n > longestUserName || !utf8.ValidString(name) {
		return Errorf(Invalid, "a name has 1 to %d characters", longestUserName)
	}
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return Errorf(Invalid, "a name has no control characters")
		}
	}
	return nil
}

// AddUser makes a user and returns it with its ID. Fails with kind Invalid on
// a bad name and Conflict when the name is taken.
func (s *Store) AddUser(ctx context.Context, who string, u User) (User, error) {
	err := s.write(ctx, func(tx *gorm.DB) error { return s.addUser(tx, who, &u) })
	if KindOf(err) == Conflict {
		return User{}, Errorf(Conflict, "there is a user named %s already", u.Name)
	}
	return u, err
}

func (s *Store) addUser(tx *gorm.DB, who string, u *User) error {
	u.Name = strings.TrimSpace(u.Name)
	if err := checkUserName(u.Name); err != nil {
		return err
	}
	u.Folded, u.CreatedAt = FoldName(u.Name), s.now()
	if err := tx.Create(u).Error; err != nil {
		return err
	}
	return s.record(tx, Activity{Actor: who, Verb: "add user", Detail: u.Name + ", " + string(u.Role)})
}

// UserByName reads a user by name, whatever the case.
func (s *Store) UserByName(ctx context.Context, name string) (User, error) {
	var u User
	err := storeError(s.reader.WithContext(ctx).Where("folded = ?", FoldName(name)).Take(&u).Error)
	if KindOf(err) == NotFound {
		return u, Errorf(NotFound, "there is no user %s", name)
	}
	return u, err
}

// Users lists everybody by name.
func (s *Store) Users(ctx context.Context) ([]User, error) {
	var out []User
	err := s.reader.WithContext(ctx).Order("folded").Find(&out).Error
	return out, storeError(err)
}

// SetPassword replaces a user's password and ends all of the user's sessions.
func (s *Store) SetPassword(ctx context.Context, who, name, hash string) error {
	return s.changeUser(ctx, name, Activity{Actor: who, Verb: "set password", Detail: name}, map[string]any{"password_hash": hash})
}

// SetRole changes what a user may do, at once: the role is read with every
// request. The user signs in again.
func (s *Store) SetRole(ctx context.Context, who, name string, r Role) error {
	return s.changeUser(ctx, name, Activity{Actor: who, Verb: "set role", Detail: name + ", " + string(r)}, map[string]any{"role": r})
}

// SetDisabled lets a user in again, or no longer, ending the user's sessions.
func (s *Store) SetDisabled(ctx context.Context, who, name string, disabled bool) error {
	verb := map[bool]string{true: "disable user", false: "enable user"}[disabled]
	return s.changeUser(ctx, name, Activity{Actor: who, Verb: verb, Detail: name}, map[string]any{"disabled": disabled})
}

func (s *Store) changeUser(ctx context.Context, name string, a Activity, fields map[string]any) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		var u User
		if err := tx.Where("folded = ?", FoldName(name)).Take(&u).Error; err != nil {
			return err
		}
		if err := tx.Model(&u).Updates(fields).Error; err != nil {
			return err
		}
		if err := tx.Where("user_id = ?", u.ID).Delete(&Session{}).Error; err != nil {
			return err
		}
		return s.record(tx, a)
	})
}

// Rehash stores the same password under newer parameters. It does nothing when
// the password was changed meanwhile.
func (s *Store) Rehash(ctx context.Context, u User, hash string) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		return tx.Model(&User{}).Where("id = ? AND password_hash = ?", u.ID, u.PasswordHash).Update("password_hash", hash).Error
	})
}
