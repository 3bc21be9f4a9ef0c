package web

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"dualwrite/models"
)

// Limits of a password, in characters.
const (
	ShortestPassword = 12
	LongestPassword  = 128
)

// cost is what one argon2id hash takes.
type cost struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

const saltSize, sumSize = 16, 32

// Passwords hashes and checks passwords, at most two at a time, so that many
// sign-ins cannot take all memory and time of the machine.
type Passwords struct {
	slots chan struct{}
	cost  cost
	dummy string // hash of nothing anybody knows
}

// NewPasswords works with argon2id at 19 MiB, two passes, one thread: the
// least that OWASP recommends.
func NewPasswords() *Passwords {
	p := &Passwords{slots: make(chan struct{}, 2), cost: cost{memory: 19 << 10, passes: 2, threads: 1}}
	p.dummy = p.format(random(saltSize), random(sumSize))
	return p
}

// Check refuses a password that is too short or too long, with kind Invalid.
func (p *Passwords) Check(password string) error {
	if n := utf8.RuneCountInString(password); n < ShortestPassword || n > LongestPassword {
		return models.Errorf(models.Invalid, "a password has %d to %d characters; this one has %d", ShortestPassword, LongestPassword, n)
	}
	return nil
}

// Hash gives the PHC string to store. Fails with the context's error while it
// waits for its turn.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	leave, err := p.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return p.encode(password), nil
}

// Verify reports whether the password is the one that was hashed. An empty
// hash costs the same time and is never right: it stands for nobody. stale
// says that the hash was made at another cost and should be replaced.
func (p *Passwords) Verify(ctx context.Context, hash, password string) (right, stale bool, err error) {
	leave, err := p.enter(ctx)
	if err != nil {
		return false, false, err
	}
	defer leave()
	known := hash != ""
	if !known {
		hash = p.dummy
	}
	made, salt, sum, err := decodeHash(hash)
	if err != nil {
		return false, false, err
	}
	got := argon2.IDKey([]byte(password), salt, made.passes, made.memory, made.threads, uint32(len(sum)))
	right = subtle.ConstantTimeCompare(got, sum) == 1 && known
	return right, made != p.cost, nil
}

func (p *Passwords) enter(ctx context.Context) (leave func(), err error) {
	select {
	case p.slots <- struct{}{}:
		return func() { <-p.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *Passwords) encode(password string) string {
	salt := random(saltSize)
	return p.format(salt, argon2.IDKey([]byte(password), salt, p.cost.passes, p.cost.memory, p.cost.threads, sumSize))
}

func random(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.Read(b) // never fails: the program ends instead
	return b
}

// format writes a PHC string.
func (p *Passwords) format(salt, sum []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.cost.memory, p.cost.passes, p.cost.threads, b64(salt), b64(sum))
}

// decodeHash reads a PHC string: https://github.com/P-H-C/phc-string-format
func decodeHash(hash string) (made cost, salt, sum []byte, err error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return made, nil, nil, fmt.Errorf("password hash is not argon2id version %d", argon2.Version)
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &made.memory, &made.passes, &made.threads); err != nil {
		return made, nil, nil, fmt.Errorf("password hash parameters: %w", err)
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return made, nil, nil, fmt.Errorf("password hash salt: %w", err)
	}
	if sum, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return made, nil, nil, fmt.Errorf("password hash sum: %w", err)
	}
	return made, salt, sum, nil
}
