package engine

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/cespare/xxhash/v2"

	"dualwrite/connectors"
)

// Sizes of a spill. A partition is what an initial write or a compare holds in
// memory at a time.
const (
	partitionRecords = 20_000 // aimed at, both sides together
	mostPartitions   = 512
)

// spill keeps the records of both sides, parted by a hash of their match key,
// until one partition after the other is joined. One partition stays in
// memory; more go to files, so that memory is bounded by the partition.
type spill struct {
	dir     string // "" while there is one partition only
	parts   int
	memory  [2]*bytes.Buffer
	files   [2][]*os.File
	writers [2][]*bufio.Writer
	buf     []byte
}

// newSpill makes room for about so many records.
func newSpill(dir string, records int64) (*spill, error) {
	s := &spill{parts: int(min(mostPartitions, 1+records/partitionRecords))}
	if s.parts == 1 {
		s.memory = [2]*bytes.Buffer{{}, {}}
		return s, nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("clear spill folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create spill folder: %w", err)
	}
	s.dir = dir
	for side := range s.files {
		for part := range s.parts {
			f, err := os.OpenFile(s.name(side, part), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				return nil, errors.Join(fmt.Errorf("create spill file: %w", err), s.remove())
			}
			s.files[side] = append(s.files[side], f)
			s.writers[side] = append(s.writers[side], bufio.NewWriterSize(f, 16<<10))
		}
	}
	return s, nil
}

func (s *spill) name(side, part int) string {
	return filepath.Join(s.dir, fmt.Sprintf("%d-%03d", side, part))
}

// complete marks, on disk, a spill that holds everything; only such a one is
// taken up again after a restart.
const completeMark = "complete"

// seal makes the spill ready to be read.
func (s *spill) seal() error {
	for side := range s.writers {
		for part, w := range s.writers[side] {
			if err := w.Flush(); err != nil {
				return fmt.Errorf("write spill: %w", err)
			}
			if err := s.files[side][part].Sync(); err != nil {
				return fmt.Errorf("write spill: %w", err)
			}
		}
	}
	if s.dir == "" {
		return nil
	}
	if err := os.WriteFile(filepath.Join(s.dir, completeMark), nil, 0o600); err != nil {
		return fmt.Errorf("seal spill: %w", err)
	}
	return nil
}

// reopenSpill takes up a sealed spill that an earlier run of the program left.
func reopenSpill(dir string, parts int) (*spill, error) {
	if _, err := os.Stat(filepath.Join(dir, completeMark)); err != nil {
		return nil, fmt.Errorf("take up spill: %w", err)
	}
	s := &spill{dir: dir, parts: parts}
	for side := range s.files {
		for part := range parts {
			f, err := os.Open(s.name(side, part))
			if err != nil {
				return nil, errors.Join(fmt.Errorf("take up spill: %w", err), s.closeFiles())
			}
			s.files[side] = append(s.files[side], f)
		}
	}
	return s, nil
}

// put adds a record under its match key.
func (s *spill) put(side int, key string, r *connectors.Record) error {
	s.buf = s.buf[:0]
	for _, text := range []string{key, r.ID, r.Version} {
		s.buf = binary.AppendUvarint(s.buf, uint64(len(text)))
		s.buf = append(s.buf, text...)
	}
	s.buf = binary.AppendUvarint(s.buf, uint64(len(r.Row)))
	for _, v := range r.Row {
		s.buf = v.AppendBinary(s.buf)
	}
	var frame [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(frame[:], uint64(len(s.buf)))
	var to io.Writer
	if s.parts == 1 {
		to = s.memory[side]
	} else {
		to = s.writers[side][int(xxhash.Sum64String(key)%uint64(s.parts))]
	}
	if _, err := to.Write(frame[:n]); err != nil {
		return fmt.Errorf("write spill: %w", err)
	}
	if _, err := to.Write(s.buf); err != nil {
		return fmt.Errorf("write spill: %w", err)
	}
	return nil
}

// kept is a record as it comes back from a spill.
type kept struct {
	key string
	rec *connectors.Record
}

// load reads one side of a partition.
func (s *spill) load(side, part int) ([]kept, error) {
	var from io.Reader
	if s.parts == 1 {
		from = bytes.NewReader(s.memory[side].Bytes())
	} else {
		if _, err := s.files[side][part].Seek(0, io.SeekStart); err != nil {
			return nil, fmt.Errorf("read spill: %w", err)
		}
		from = s.files[side][part]
	}
	in := bufio.NewReaderSize(from, 64<<10)
	var out []kept
	for {
		n, err := binary.ReadUvarint(in)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil || n > 1<<30 {
			return nil, fmt.Errorf("read spill: %w", errors.Join(err, io.ErrUnexpectedEOF))
		}
		frame := make([]byte, n)
		if _, err := io.ReadFull(in, frame); err != nil {
			return nil, fmt.Errorf("read spill: %w", err)
		}
		k, err := parseKept(frame)
		if err != nil {
			return nil, fmt.Errorf("read spill: %w", err)
		}
		out = append(out, k)
	}
}

func parseKept(b []byte) (kept, error) {
	var texts [3]string
	for i := range texts {
		n, used := binary.Uvarint(b)
		if used <= 0 || uint64(len(b)-used) < n {
			return kept{}, io.ErrUnexpectedEOF
		}
		texts[i], b = string(b[used:used+int(n)]), b[used+int(n):]
	}
	n, used := binary.Uvarint(b)
	if used <= 0 {
		return kept{}, io.ErrUnexpectedEOF
	}
	b = b[used:]
	r := &connectors.Record{ID: texts[1], Version: texts[2], Row: make(connectors.Row, n)}
	for i := range r.Row {
		var err error
		if r.Row[i], b, err = connectors.ParseBinary(b); err != nil {
			return kept{}, err
		}
	}
	return kept{texts[0], r}, nil
}

func (s *spill) closeFiles() error {
	var errs []error
	for side := range s.files {
		for _, f := range s.files[side] {
			errs = append(errs, f.Close())
		}
		s.files[side] = nil
	}
	return errors.Join(errs...)
}

// remove closes the spill and deletes its files.
func (s *spill) remove() error {
	err := s.closeFiles()
	if s.dir != "" {
		err = errors.Join(err, os.RemoveAll(s.dir))
	}
	return err
}
