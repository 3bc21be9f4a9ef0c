package interchange

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"dualwrite/models"
)

// Limits of a solution: what is unpacked is never trusted to be as large as the
// archive says.
const (
	mostFiles    = 10_000
	mostUnpacked = 128 << 20 // bytes of all files together
)

// ReadAny reads maps from whatever a file holds: a solution as a zip archive,
// rows of the original as JSON, or a map of our own as YAML. Fails with kind
// models.Invalid.
func ReadAny(text []byte) (*Import, error) {
	start := bytes.TrimPrefix(bytes.TrimSpace(text), []byte("\ufeff"))
	switch {
	case len(text) > MostBytes:
		return nil, models.Errorf(models.Invalid, "the file is larger than %d MB; export fewer maps at once", MostBytes>>20)
	case bytes.HasPrefix(text, []byte("PK")):
		archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			return nil, models.Errorf(models.Invalid, "the file begins like a zip archive but cannot be opened as one; download it again")
		}
		return ReadSolution(archive)
	case bytes.HasPrefix(start, []byte("{")), bytes.HasPrefix(start, []byte("[")):
		return ReadOriginal(text)
	}
	m, err := ReadMap(text)
	if err != nil {
		return nil, err
	}
	return &Import{Maps: []models.Map{m}}, nil
}

// ReadSolution reads the entity maps of a solution of the original, unpacked or
// in its archive. Fails with kind models.Invalid where it holds none, or is
// larger than any solution.
func ReadSolution(files fs.FS) (*Import, error) {
	s := &solution{files: files, im: &Import{}}
	if err := fs.WalkDir(files, ".", s.visit); err != nil {
		var known *models.Error
		if errors.As(err, &known) {
			return nil, err
		}
		return nil, &models.Error{Kind: models.Invalid, Message: "the solution cannot be read", Err: err}
	}
	if len(s.rows) == 0 && len(s.im.Maps) == 0 {
		return nil, models.Errorf(models.Invalid, "the solution holds no entity map: no file of its %d has a msdyn_dualwriteentitymap", s.count)
	}
	for i, row := range s.rows {
		if row.text("msdyn_publisher", "msdyn_author") == "" && s.publisher != "" {
			publisher, _ := json.Marshal(s.publisher)
			s.rows[i] = append(row, member{"msdyn_publisher", publisher})
		}
	}
	s.im.rows(s.rows)
	return s.im, nil
}

// solution is one ReadSolution under way.
type solution struct {
	files     fs.FS
	im        *Import
	rows      []object
	publisher string
	count     int
	unpacked  int64
}

func (s *solution) visit(name string, d fs.DirEntry, err error) error {
	if err != nil || d.IsDir() {
		return err
	}
	if s.count++; s.count > mostFiles {
		return models.Errorf(models.Invalid, "the solution has more than %d files", mostFiles)
	}
	kind := strings.ToLower(path.Ext(name))
	if !d.Type().IsRegular() || !slices.Contains([]string{".xml", ".json", ".yaml", ".yml"}, kind) {
		return nil
	}
	text, err := s.read(name)
	if err != nil {
		return err
	}
	switch {
	case kind == ".xml":
		s.xml(name, text)
	case kind == ".json":
		s.json(name, text)
	default:
		if m, err := ReadMap(text); err == nil {
			s.im.Maps = append(s.im.Maps, m)
		}
	}
	return nil
}

// read unpacks one file, within what is left of the limit.
func (s *solution) read(name string) ([]byte, error) {
	f, err := s.files.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(f, mostUnpacked-s.unpacked+1))
	if err != nil {
		return nil, models.Errorf(models.Invalid, "%s of the solution is damaged; download it again", name)
	}
	if s.unpacked += int64(len(text)); s.unpacked > mostUnpacked {
		return nil, models.Errorf(models.Invalid, "the solution unpacks to more than %d MB, as no solution of maps does; nothing was read", mostUnpacked>>20)
	}
	return text, nil
}

// json takes rows and mappings; other JSON of a solution is none of ours.
func (s *solution) json(name string, text []byte) {
	if !bytes.Contains(text, []byte("msdyn_mapping")) && !bytes.Contains(text, []byte("fieldMappings")) {
		return
	}
	rows, err := rowsOf(text)
	if err != nil {
		s.im.note(LeftOut, "", name, "%s", models.MessageOf(err))
		return
	}
	s.rows = append(s.rows, rows...)
}

// mapElement is what the rows of the table are called in a solution's XML.
const mapElement = "msdyn_dualwriteentitymap"

// xml takes the elements that are rows of the table, and the publisher.
func (s *solution) xml(name string, text []byte) {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict = false
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			s.im.note(LeftOut, "", name, "it is not XML: %v", err)
			return
		}
		start, ok := t.(xml.StartElement)
		switch {
		case !ok:
		case strings.EqualFold(start.Name.Local, mapElement):
			s.row(name, d, start)
		case strings.EqualFold(start.Name.Local, "Publisher"):
			var p struct{ UniqueName string }
			if d.DecodeElement(&p, &start) == nil && p.UniqueName != "" {
				s.publisher = p.UniqueName
			}
		}
	}
}

// row reads the attributes and the children of an element as one row.
func (s *solution) row(name string, d *xml.Decoder, start xml.StartElement) {
	var e struct {
		Columns []struct {
			XMLName xml.Name
			Text    string `xml:",chardata"`
		} `xml:",any"`
	}
	if err := d.DecodeElement(&e, &start); err != nil {
		s.im.note(LeftOut, "", name, "an entity map is not complete: %v", err)
		return
	}
	var row object
	add := func(column, text string) {
		value, _ := json.Marshal(strings.TrimSpace(text)) // a text always becomes JSON
		row = append(row, member{column, value})
	}
	for _, a := range start.Attr {
		add(a.Name.Local, a.Value)
	}
	for _, c := range e.Columns {
		add(c.XMLName.Local, c.Text)
	}
	s.rows = append(s.rows, row)
}
