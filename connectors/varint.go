package connectors

import (
	"encoding/binary"
	"errors"
)

var errShort = errors.New("record encoding ends early")

func appendUvarint(b []byte, n uint64) []byte { return binary.AppendUvarint(b, n) }

func parseUvarint(b []byte) (uint64, []byte, error) {
	n, used := binary.Uvarint(b)
	if used <= 0 {
		return 0, nil, errShort
	}
	return n, b[used:], nil
}
