package models

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"

	"gorm.io/gorm"
)

// How long a session lives.
const (
	SessionIdle = 30 * time.Minute // without a request by the person
	SessionLife = 12 * time.Hour   // from signing in
)

// seenStep is how stale SeenAt may get before a request writes it again.
const seenStep = time.Minute

// Session is one signed-in browser. The store never sees its secret id.
type Session struct {
	Hash      string   `gorm:"primaryKey"` // HashSecret of the id that the browser holds
	UserID    int64    // User.ID
	Address   string   // of the browser
	Agent     string   // as the browser calls itself
	Notices   []Notice `gorm:"serializer:json"`
	CreatedAt time.Time
	SeenAt    time.Time // last request by the person, to the minute
	User      User
}

// Notice is a message for the next page of a session.
type Notice struct {
	Level NoticeLevel `json:"level"`
	Text  string      `json:"text"`
}

// NoticeLevel says how a notice is shown.
type NoticeLevel string

// The levels.
const (
	NoticeOK      NoticeLevel = "ok"
	NoticeInfo    NoticeLevel = "info"
	NoticeWarning NoticeLevel = "warning"
	NoticeError   NoticeLevel = "error"
)

// NewSecret is a random text of 256 bits that is safe in a URL.
func NewSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: the program ends instead
	return base64.RawURLEncoding.EncodeToString(b)
}

// HashSecret is what the store keeps of a secret. The secret is random, so a
// plain digest cannot be guessed back.
func HashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// alive reports whether the session may still be used at a time.
func (v *Session) alive(now time.Time) bool {
	return !v.User.Disabled && now.Before(v.SeenAt.Add(SessionIdle)) && now.Before(v.CreatedAt.Add(SessionLife))
}

// AddSession signs a user in and clears away sessions that are over.
func (s *Store) AddSession(ctx context.Context, v Session) error {
	now := s.now()
	v.CreatedAt, v.SeenAt, v.Notices = now, now, []Notice{}
	return s.write(ctx, func(tx *gorm.DB) error {
		over := tx.Where("created_at <= ? OR seen_at <= ?", now.Add(-SessionLife), now.Add(-SessionIdle))
		if err := over.Delete(&Session{}).Error; err != nil {
			return err
		}
		var u User
		if err := tx.Take(&u, v.UserID).Error; err != nil {
			return err
		}
		if err := tx.Omit("User").Create(&v).Error; err != nil {
			return err
		}
		return s.record(tx, Activity{Actor: u.Name, Verb: "sign in", Detail: v.Address})
	})
}

// SessionByHash reads a session with its user. Fails with kind NotFound when
// there is none, when it is over, or when the user is disabled.
func (s *Store) SessionByHash(ctx context.Context, hash string) (Session, error) {
	var v Session
	if err := s.reader.WithContext(ctx).Preload("User").Take(&v, "hash = ?", hash).Error; err != nil {
		return Session{}, storeError(err)
	}
	if !v.alive(s.now()) {
		return Session{}, Errorf(NotFound, "the session is over")
	}
	return v, nil
}

// SeeSession notes that the person is still there, at most once a minute.
func (s *Store) SeeSession(ctx context.Context, v Session) error {
	now := s.now()
	if now.Sub(v.SeenAt) < seenStep {
		return nil
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		return tx.Model(&Session{}).Where("hash = ?", v.Hash).Update("seen_at", now).Error
	})
}

// SetNotices replaces the messages that wait for the next page.
func (s *Store) SetNotices(ctx context.Context, hash string, n []Notice) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		return tx.Model(&Session{Hash: hash}).Select("Notices").Updates(&Session{Notices: append([]Notice{}, n...)}).Error
	})
}

// EndSession signs one browser out.
func (s *Store) EndSession(ctx context.Context, hash string) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		var v Session
		if err := tx.Preload("User").Take(&v, "hash = ?", hash).Error; err != nil {
			return err
		}
		if err := tx.Delete(&Session{}, "hash = ?", hash).Error; err != nil {
			return err
		}
		return s.record(tx, Activity{Actor: v.User.Name, Verb: "sign out", Detail: v.Address})
	})
}

// EndSessionsOf signs all browsers of a user out.
func (s *Store) EndSessionsOf(ctx context.Context, who string, userID int64) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		var u User
		if err := tx.Take(&u, userID).Error; err != nil {
			return err
		}
		if err := tx.Delete(&Session{}, "user_id = ?", userID).Error; err != nil {
			return err
		}
		return s.record(tx, Activity{Actor: who, Verb: "end sessions", Detail: u.Name})
	})
}

// SessionsOf lists where a user is signed in, newest first.
func (s *Store) SessionsOf(ctx context.Context, userID int64) ([]Session, error) {
	var out []Session
	err := s.reader.WithContext(ctx).Where("user_id = ?", userID).Order("created_at DESC").Find(&out).Error
	return out, storeError(err)
}
