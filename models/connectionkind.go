package models

import (
	"net/url"
	"strings"
)

// ConnectionKind describes one kind of app that can be connected to, so that
// its page can be drawn from it.
type ConnectionKind struct {
	Name     string // "postgres", as Connection.Kind has it
	Label    string // as people call it
	Hint     string // what it needs, in a sentence; "" for nothing
	Settings []Setting
	// Hook says how the app is told to call when something has changed; "" for a
	// kind of app that needs not, or cannot.
	Hook string
}

// Setting describes one setting of a kind of app.
type Setting struct {
	Name     string
	Label    string
	Hint     string
	Secret   bool     // write-only: it is sealed, and never shown
	Required bool     // must be given, unless Instead is
	Instead  string   // the setting that makes this one needless; "" for none
	Default  string   // what the app takes where nothing is given
	Choices  []string // the values it can have; nil for any
}

// Setting finds a setting by name.
func (k *ConnectionKind) Setting(name string) (*Setting, bool) {
	for i := range k.Settings {
		if k.Settings[i].Name == name {
			return &k.Settings[i], true
		}
	}
	return nil, false
}

// Referred reports whether the value of a setting names the variable (env:NAME)
// or the file (file:PATH) that holds it. A reference is no secret.
func Referred(value string) bool {
	return strings.HasPrefix(value, "env:") || strings.HasPrefix(value, "file:")
}

// addressing reports whether a setting says where an app is, or who is asked
// for the right to enter it: a secret that was typed for one place must not be
// sent to another.
func addressing(setting string) bool {
	switch setting {
	case "host", "port", "socket", "url", "path", "database", "token_url", "tenant":
		return true
	}
	return false
}

// moved reports whether settings lead to another place than before.
func moved(before, after map[string]string) bool {
	for _, all := range []map[string]string{before, after} {
		for name := range all {
			if addressing(name) && before[name] != after[name] {
				return true
			}
		}
	}
	return false
}

// WithoutPassword gives a setting without the password that stands in it, and
// whether one did: an address may have one, which people must not see.
func WithoutPassword(value string) (string, bool) {
	u, err := url.Parse(value)
	if Referred(value) || err != nil || u.User == nil {
		return value, false
	}
	if _, given := u.User.Password(); !given {
		return value, false
	}
	u.User = url.User(u.User.Username())
	return u.String(), true
}
