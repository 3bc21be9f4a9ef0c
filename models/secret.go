package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// secret is one value that must never be read by a person again. Owner is the
// table of the row that it belongs to.
type secret struct {
	Owner     string `gorm:"primaryKey"`
	OwnerID   int64  `gorm:"primaryKey;autoIncrement:false"`
	Field     string `gorm:"primaryKey"`
	KeyID     string
	Sealed    []byte
	ChangedAt time.Time
}

func (secret) TableName() string { return "secrets" }

// about is what the sealed value is bound to.
func (x *secret) about() []byte {
	return fmt.Appendf(nil, "%s\x00%d\x00%s", x.Owner, x.OwnerID, x.Field)
}

// setSecret seals a value in place of what was there.
func (s *Store) setSecret(tx *gorm.DB, owner string, id int64, field, value string) error {
	x := secret{Owner: owner, OwnerID: id, Field: field, ChangedAt: s.now()}
	var err error
	if x.KeyID, x.Sealed, err = s.keys.seal([]byte(value), x.about()); err != nil {
		return err
	}
	return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&x).Error
}

// dropSecrets forgets fields of a row, all of them where none is named, and
// says which were there.
func (s *Store) dropSecrets(tx *gorm.DB, owner string, id int64, fields ...string) ([]string, error) {
	q := tx.Where("owner = ? AND owner_id = ?", owner, id)
	if len(fields) > 0 {
		q = q.Where("field IN ?", fields)
	}
	var gone []secret
	if err := q.Session(&gorm.Session{}).Order("field").Find(&gone).Error; err != nil {
		return nil, err
	}
	names := make([]string, len(gone))
	for i := range gone {
		names[i] = gone[i].Field
	}
	return names, q.Delete(&secret{}).Error
}

// openSecrets gives the secrets of a row in clear, for an app and nobody else.
func (s *Store) openSecrets(ctx context.Context, owner string, id int64) (map[string]string, error) {
	var all []secret
	if err := s.reader.WithContext(ctx).Where("owner = ? AND owner_id = ?", owner, id).Find(&all).Error; err != nil {
		return nil, storeError(err)
	}
	out := make(map[string]string, len(all))
	for i := range all {
		plain, err := s.keys.open(all[i].KeyID, all[i].Sealed, all[i].about())
		if err != nil {
			return nil, &Error{Kind: KindOf(err), Message: fmt.Sprintf("the stored %s cannot be used, because %s; type it again", all[i].Field, MessageOf(err)), Err: err}
		}
		out[all[i].Field] = string(plain)
	}
	return out, nil
}

// SecretTimes tells which secrets of a row are kept, and since when.
func (s *Store) SecretTimes(ctx context.Context, owner string, id int64) (map[string]time.Time, error) {
	var all []secret
	err := s.reader.WithContext(ctx).Select("field", "changed_at").Where("owner = ? AND owner_id = ?", owner, id).Find(&all).Error
	out := make(map[string]time.Time, len(all))
	for i := range all {
		out[all[i].Field] = all[i].ChangedAt
	}
	return out, storeError(err)
}

// resealSecrets seals with the current key what an older one of the file sealed.
// What cannot be opened stays as it is: who uses it is told.
func (s *Store) resealSecrets(ctx context.Context) error {
	all, err := s.keys.read()
	if err != nil || len(all) < 2 {
		return err
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		var old []secret
		if err := tx.Where("key_id <> ?", all[0].id).Find(&old).Error; err != nil {
			return err
		}
		for i := range old {
			x := &old[i]
			plain, err := s.keys.open(x.KeyID, x.Sealed, x.about())
			if KindOf(err) == Invalid {
				continue
			}
			if err == nil {
				x.KeyID, x.Sealed, err = s.keys.seal(plain, x.about())
			}
			if err == nil {
				err = tx.Save(x).Error
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
