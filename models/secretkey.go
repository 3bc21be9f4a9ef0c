package models

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
)

// SecretKeyFile is the name of the file of keys in the data folder. A backup of
// the store without it is worth nothing to who finds it.
const SecretKeyFile = "secret.key"

// secretKeySize is that of AES-256, in bytes.
const secretKeySize = 32

// secretKeys is the file of keys that secrets are sealed with. Each line is the
// id of a key and the key, in base64; the first line seals, every line opens. To
// change keys put a new line before the others, start the program, which seals
// everything anew, and remove the old line.
type secretKeys struct{ path string }

type secretKey struct {
	id  string
	key []byte
}

// read gives the keys, none where there is no file yet.
func (k secretKeys) read() ([]secretKey, error) {
	text, err := os.ReadFile(k.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the keys of secrets: %w", err)
	}
	var out []secretKey
	for n, line := range strings.Split(string(bytes.TrimSpace(text)), "\n") {
		id, encoded, ok := strings.Cut(strings.TrimSpace(line), " ")
		key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
		if !ok || err != nil || len(key) != secretKeySize {
			return nil, Errorf(Invalid, "line %d of %s is no key: it needs an id, a space and %d bytes in base64", n+1, k.path, secretKeySize)
		}
		out = append(out, secretKey{id, key})
	}
	return out, nil
}

// current is the key that seals, made on first use.
func (k secretKeys) current() (secretKey, error) {
	all, err := k.read()
	if err != nil || len(all) > 0 {
		return append(all, secretKey{})[0], err
	}
	made := secretKey{key: make([]byte, secretKeySize)}
	id := make([]byte, 4)
	_, _ = rand.Read(id) // never fails: https://pkg.go.dev/crypto/rand#Read
	_, _ = rand.Read(made.key)
	made.id = hex.EncodeToString(id)
	f, err := os.OpenFile(k.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return secretKey{}, fmt.Errorf("make the key of secrets: %w", err)
	}
	_, err = fmt.Fprintf(f, "%s %s\n", made.id, base64.StdEncoding.EncodeToString(made.key))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return secretKey{}, errors.Join(fmt.Errorf("write the key of secrets: %w", err), os.Remove(k.path))
	}
	return made, nil
}

// seal encrypts a secret with the current key and binds it to what it is about.
// The nonce comes first.
func (k secretKeys) seal(plain, about []byte) (keyID string, sealed []byte, err error) {
	key, err := k.current()
	if err != nil {
		return "", nil, err
	}
	aead, err := key.cipher()
	if err != nil {
		return "", nil, err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	_, _ = rand.Read(nonce)
	return key.id, aead.Seal(nonce, nonce, plain, about), nil
}

// open is the opposite of seal. Fails with kind Invalid when the key is not in
// the file, or the sealed bytes belong to something else.
func (k secretKeys) open(keyID string, sealed, about []byte) ([]byte, error) {
	all, err := k.read()
	if err != nil {
		return nil, err
	}
	for _, key := range all {
		if key.id != keyID {
			continue
		}
		aead, err := key.cipher()
		if err != nil {
			return nil, err
		}
		if n := aead.NonceSize(); len(sealed) > n {
			if plain, err := aead.Open(nil, sealed[:n], sealed[n:], about); err == nil {
				return plain, nil
			}
		}
		return nil, Errorf(Invalid, "it was sealed for something else, or was changed")
	}
	return nil, Errorf(Invalid, "it was sealed with the key %s, which %s does not hold", keyID, k.path)
}

func (k secretKey) cipher() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.key)
	if err != nil {
		return nil, fmt.Errorf("use the key %s: %w", k.id, err)
	}
	return cipher.NewGCM(block)
}
