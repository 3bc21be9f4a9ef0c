package views

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dualwrite/models"
)

// Issue is one thing that is wrong or weak about a map.
type Issue struct {
	Error   bool // it keeps the map from running
	Where   string
	Message string
	Mend    string
}

// MappingRow is one field mapping with its issues.
type MappingRow struct {
	models.FieldMapping
	Issues []Issue
}

// MappingsPage is the part of a map's page with its field mappings.
type MappingsPage struct {
	MapPage
	Rows   []MappingRow // those that the keyword picks
	Search string
	Issues []Issue // of the map as a whole
	// Unreached says why the apps could not be asked, "" where they were.
	Unreached string
	Refreshed []string // what Refresh tables found
	Fresh     bool     // Refresh tables was chosen
	// Types is what each mapped path holds, in words, for the sides whose schema
	// is at hand; left first.
	Types [2]map[string]string
}

// Edits reports whether the person may change the map now.
func (v MapPage) Edits() bool {
	return v.User.Role.Allows(models.Administrator) && v.Map.Status == models.NotRunning
}

// issueCount sums up how many issues block and how many only warn.
func (v MappingsPage) issueCount() (errors, warnings int) {
	count := func(list []Issue) {
		for _, i := range list {
			if i.Error {
				errors++
			} else {
				warnings++
			}
		}
	}
	count(v.Issues)
	for _, r := range v.Rows {
		count(r.Issues)
	}
	return errors, warnings
}

// FieldChoice is a field that can be mapped.
type FieldChoice struct {
	Path string
	Text string // "Name, text of 20 characters, required"
}

// MappingForm edits one field mapping, or adds one.
type MappingForm struct {
	MapPage
	Revision         int
	Was              bool // it edits a mapping that there is
	WasLeft          string
	WasRight         string
	Left, Right      string
	Direction        models.Direction
	Defaulted        bool
	Default          string
	Pairs            string // one line for each pair, "left = right"
	Expression       string // "" for none
	Length           string // "" for no truncate
	Samples          []MappingSample
	SampleFault      string // why nothing can be made of any record
	Choices          [2][]FieldChoice
	Issues           []Issue
	Now              string // after a conflict: what the mapping is now
	Errors           Errors
	KeepsMoreOfAType bool // it has transforms that the form does not show
}

// MappingSample is what a mapping would make of one record.
type MappingSample struct {
	Key string
	TestRow
}

// path is the typed path of a side.
func (v MappingForm) path(s models.Side) string {
	if s == models.Right {
		return v.Right
	}
	return v.Left
}

// MappingText is a field mapping in one line.
func MappingText(f *models.FieldMapping, sides [2]string) string {
	if f == nil {
		return "not there"
	}
	sign, _ := symbol(*f, sides)
	text := fieldOrNone(f.Left) + " " + sign + " " + fieldOrNone(f.Right)
	for _, t := range f.Transforms {
		text += "; " + transformWords(t)
	}
	return text
}

func fieldOrNone(path string) string {
	if path == "" {
		return "[None]"
	}
	return path
}

// fieldURL is the form of a field mapping.
func fieldURL(m int64, f models.FieldMapping) string {
	return "/maps/" + strconv.FormatInt(m, 10) + "/mappings/field?" + url.Values{"left": {f.Left}, "right": {f.Right}}.Encode()
}

// inPanel opens a link in the side panel where scripts run.
func inPanel(path string) templ.Attributes {
	return templ.Attributes{"href": path, "hx-get": path, "hx-target": "#panel-body", "hx-select": "#dialog", "hx-swap": "innerHTML"}
}

// FilterForm edits the filter of one side.
type FilterForm struct {
	MapPage
	Side     models.Side
	Revision int
	Text     string
	Now      string // after a conflict: what the filter is now
	Preview  *FilterPreview
	Errors   Errors
}

// FilterPreview is what a filter lets through.
type FilterPreview struct {
	Pass, All int64
	Exact     bool
	Fields    []string
	First     [][]string
	OData     string
}

// KeyForm edits the key and the legal entity of a map.
type KeyForm struct {
	MapPage
	Revision int
	Rows     []KeyRow
	Company  [2]string
	Now      string
	Errors   Errors
}

// KeyRow is a field mapping that can be part of the key.
type KeyRow struct {
	models.KeyPair
	Ticked bool
}

// value names the pair in a form.
func (r KeyRow) value() string { return r.Left + "\n" + r.Right }

// RecordTestPage tests a map on one record.
type RecordTestPage struct {
	MapPage
	Side   models.Side
	Fields []string // of the key, the legal entity last
	Values []string
	Result *RecordTest
	Errors Errors
}

// RecordTest is what the map would do with a record.
type RecordTest struct {
	Key                            string
	Found, Several, InMap, Partner bool
	Fault                          string
	Rows                           []TestRow
}

// TestRow is one field of a tested record.
type TestRow struct {
	Left, Right, From, To, Now, Fault string
	Steps                             []string
	Same                              bool
}

// value is a typed value of the key.
func (v RecordTestPage) value(i int) string {
	if i < len(v.Values) {
		return v.Values[i]
	}
	return ""
}

// InitialPreviewPage is what an initial write would do.
type InitialPreviewPage struct {
	MapPage
	Left, Right, CreateLeft, CreateRight, Equal, Different, Duplicate, Invalid int64
	First                                                                      []PreviewRow
}

// PreviewRow is one record of a preview.
type PreviewRow struct {
	Key, Kind, Fault string
	Fields           []string
}

func (v InitialPreviewPage) kindWord(kind string) string {
	switch kind {
	case "create left":
		return "Create in " + v.Sides[0]
	case "create right":
		return "Create in " + v.Sides[1]
	case "different":
		return "Different"
	case "duplicate":
		return "Several with this key"
	default:
		return "Cannot be copied"
	}
}

// VersionsPage lists what a map was saved as.
type VersionsPage struct {
	MapPage
	Versions []models.MapVersion
	Changed  bool // the map differs from the version that it is called after
	Next     string
	Form     models.MapVersion
	Errors   Errors
}

// DiffPage tells two versions apart.
type DiffPage struct {
	MapPage
	Before, After string
	Settings      []models.SettingDifference
	Fields        []models.FieldDifference
}

// NextVersion raises the last of a version's numbers.
func NextVersion(version string) string {
	i := strings.LastIndex(version, ".")
	n, err := strconv.Atoi(version[i+1:])
	if err != nil {
		return "1.0.0.1"
	}
	return version[:i+1] + strconv.Itoa(n+1)
}
