package models

import (
	"context"
	"crypto/subtle"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// SetupLife is how long a link for the first start is good.
const SetupLife = time.Hour

// setupToken is the one valid link of the first start.
type setupToken struct {
	ID        int64 `gorm:"primaryKey;autoIncrement:false"` // always 1
	Hash      string
	ExpiresAt time.Time
}

func (setupToken) TableName() string { return "setup_tokens" }

// NeedsSetup reports whether nobody can sign in yet.
func (s *Store) NeedsSetup(ctx context.Context) (bool, error) {
	var n int64
	err := s.reader.WithContext(ctx).Model(&User{}).Count(&n).Error
	return n == 0, storeError(err)
}

// SetupToken makes the secret of a fresh link that lets its holder become the
// administrator, once, within SetupLife; earlier links end. It fails with kind
// NotFound when there is a user already: then there is nothing to set up.
func (s *Store) SetupToken(ctx context.Context) (string, error) {
	secret := NewSecret()
	err := s.write(ctx, func(tx *gorm.DB) error {
		if err := nobodyYet(tx); err != nil {
			return err
		}
		row := setupToken{ID: 1, Hash: HashSecret(secret), ExpiresAt: s.now().Add(SetupLife)}
		return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// CheckSetup tells whether a secret would be accepted by ClaimSetup. Fails
// with kind NotFound when there is a user already and Invalid when the link is
// not, or no longer, good.
func (s *Store) CheckSetup(ctx context.Context, secret string) error {
	_, err := s.liveToken(s.reader.WithContext(ctx), secret)
	return storeError(err)
}

// ClaimSetup uses the link up and makes the administrator, in one transaction:
// of several claims at the same time one succeeds. It fails as CheckSetup does.
func (s *Store) ClaimSetup(ctx context.Context, secret string, u User) (User, error) {
	u.Role = Administrator
	err := s.write(ctx, func(tx *gorm.DB) error {
		token, err := s.liveToken(tx, secret)
		if err != nil {
			return err
		}
		used := tx.Where("hash = ?", token.Hash).Delete(&setupToken{})
		if used.Error != nil {
			return used.Error
		}
		if used.RowsAffected != 1 {
			return Errorf(NotFound, "the link was used already")
		}
		return s.addUser(tx, u.Name, &u)
	})
	return u, err
}

func (s *Store) liveToken(tx *gorm.DB, secret string) (setupToken, error) {
	if err := nobodyYet(tx); err != nil {
		return setupToken{}, err
	}
	var rows []setupToken
	if err := tx.Limit(1).Find(&rows).Error; err != nil {
		return setupToken{}, err
	}
	hash := []byte(HashSecret(secret))
	if len(rows) == 0 || subtle.ConstantTimeCompare(hash, []byte(rows[0].Hash)) != 1 || !s.now().Before(rows[0].ExpiresAt) {
		return setupToken{}, Errorf(Invalid, "this link is not valid, or it is older than an hour; start Dualwrite again to get a new one")
	}
	return rows[0], nil
}

func nobodyYet(tx *gorm.DB) error {
	var n int64
	if err := tx.Model(&User{}).Count(&n).Error; err != nil {
		return err
	}
	if n > 0 {
		return Errorf(NotFound, "Dualwrite is set up already")
	}
	return nil
}
