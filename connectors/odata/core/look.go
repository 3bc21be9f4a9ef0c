package core

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"strconv"

	"dualwrite/connectors"
)

func (s *watch) cursor(n int) connectors.Cursor {
	return connectors.Cursor(s.epoch + ":" + strconv.Itoa(n) + ":" + s.saved)
}

func (s *watch) end() connectors.Cursor { return s.cursor(s.first + len(s.log)) }

// A look is carried in a cursor while it has at most so many records and bytes.
const (
	savedRecords = 2000
	savedBytes   = 16 << 10
)

// save is a look as text, "" where it is too large to be carried in a cursor.
func save(seen map[string]uint64) string {
	if len(seen) > savedRecords {
		return ""
	}
	var b bytes.Buffer
	z, _ := flate.NewWriter(&b, flate.BestSpeed) // the level is a valid one
	if json.NewEncoder(z).Encode(seen) != nil || z.Close() != nil || b.Len()*4/3 > savedBytes {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b.Bytes())
}

func restore(text string) (map[string]uint64, bool) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || text == "" {
		return nil, false
	}
	var seen map[string]uint64
	if json.NewDecoder(flate.NewReader(bytes.NewReader(b))).Decode(&seen) != nil {
		return nil, false
	}
	return seen, seen != nil
}
