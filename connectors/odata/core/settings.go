package core

import (
	"fmt"
	"strconv"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// Auth reads how to prove who we are from a connection's settings: "auth" is
// none, basic, bearer or client_credentials, and "" means whatever the other
// settings allow.
func Auth(settings map[string]string) (wire.Auth, error) {
	all := wire.Auth{User: settings["user"], Password: settings["password"], Bearer: settings["token"],
		TokenURL: settings["token_url"], ClientID: settings["client_id"], ClientSecret: settings["client_secret"], Scope: settings["scope"]}
	need := func(name string) error {
		return &connectors.Error{Kind: connectors.Invalid, Op: "open", Field: name, Message: "the setting " + name + " is missing"}
	}
	switch kind := settings["auth"]; kind {
	case "":
		return all, nil
	case "none":
		return wire.Auth{}, nil
	case "basic":
		if all.User == "" {
			return all, need("user")
		}
		return wire.Auth{User: all.User, Password: all.Password}, nil
	case "bearer":
		if all.Bearer == "" {
			return all, need("token")
		}
		return wire.Auth{Bearer: all.Bearer}, nil
	case "client_credentials":
		for _, name := range []string{"token_url", "client_id", "client_secret"} {
			if settings[name] == "" {
				return all, need(name)
			}
		}
		all.User, all.Bearer = "", ""
		return all, nil
	default:
		return all, &connectors.Error{Kind: connectors.Invalid, Op: "open", Field: "auth", Value: kind, Message: strconv.Quote(kind) + " is no way to sign in: none, basic, bearer or client_credentials"}
	}
}

// Whole reads a positive whole number from settings.
func Whole(settings map[string]string, name string, otherwise int) (int, error) {
	text := settings[name]
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n <= 0 {
		return 0, &connectors.Error{Kind: connectors.Invalid, Op: "open", Field: name, Value: text, Message: fmt.Sprintf("%s is %q; a whole number greater than 0 is needed", name, text)}
	}
	return n, nil
}
