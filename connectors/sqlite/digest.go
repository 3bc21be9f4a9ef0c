package sqlite

import (
	"encoding/binary"
	"math"

	"github.com/cespare/xxhash/v2"
)

// digest is a hash over the contents of a row. Each is preceded by its type and
// size, so no two different rows run together into the same bytes.
func digest(raw []any) uint64 {
	var d xxhash.Digest
	d.Reset()
	var head [9]byte
	number := func(kind byte, n uint64) {
		head[0] = kind
		binary.LittleEndian.PutUint64(head[1:], n)
		d.Write(head[:])
	}
	for _, v := range raw {
		switch x := v.(type) {
		case nil:
			number('n', 0)
		case int64:
			number('i', uint64(x))
		case float64:
			number('f', math.Float64bits(x))
		case string:
			number('t', uint64(len(x)))
			d.WriteString(x)
		case []byte:
			number('b', uint64(len(x)))
			d.Write(x)
		}
	}
	return d.Sum64()
}
