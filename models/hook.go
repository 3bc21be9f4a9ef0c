package models

import (
	"context"
	"crypto/subtle"
	"strconv"
	"strings"

	"gorm.io/gorm"
)

// The hook of a connection is the secret part of the address at which its app
// tells that something has changed: "7-" and what nobody can guess.

// hookSecrets is the owner of the secrets of hooks, by connection.
const (
	hookSecrets = "hooks"
	hookField   = "hook"
)

// Hook gives the hook of a connection. Fails with kind NotFound when none was
// made yet, and Invalid when what is kept cannot be unsealed.
func (s *Store) Hook(ctx context.Context, connectionID int64) (string, error) {
	kept, err := s.openSecrets(ctx, hookSecrets, connectionID)
	if err != nil {
		return "", err
	}
	if kept[hookField] == "" {
		return "", Errorf(NotFound, "the connection %d has no address to be woken at", connectionID)
	}
	return strconv.FormatInt(connectionID, 10) + "-" + kept[hookField], nil
}

// RenewHook makes a new hook for a connection; the one before ends.
func (s *Store) RenewHook(ctx context.Context, actor string, connectionID int64) (string, error) {
	secret := NewSecret()
	err := s.write(ctx, func(tx *gorm.DB) error {
		var c Connection
		if err := tx.Take(&c, connectionID).Error; err != nil {
			return err
		}
		if err := s.setSecret(tx, hookSecrets, connectionID, hookField, secret); err != nil {
			return err
		}
		return s.record(tx, Activity{Actor: actor, Verb: "webhook renewed", Detail: c.Name})
	})
	if err != nil {
		return "", err
	}
	return strconv.FormatInt(connectionID, 10) + "-" + secret, nil
}

// ConnectionOfHook tells which connection a hook belongs to. Fails with kind
// NotFound, the same for every hook that is not one.
func (s *Store) ConnectionOfHook(ctx context.Context, hook string) (int64, error) {
	number, _, _ := strings.Cut(hook, "-")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0, Errorf(NotFound, "there is no such address")
	}
	kept, err := s.Hook(ctx, id)
	if kind := KindOf(err); err != nil && kind != NotFound && kind != Invalid {
		return 0, err
	}
	if err != nil || subtle.ConstantTimeCompare([]byte(kept), []byte(hook)) != 1 {
		return 0, Errorf(NotFound, "there is no such address")
	}
	return id, nil
}
