package interchange_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"dualwrite/models"
	"dualwrite/models/interchange"
)

// leg is a mapping of the original with the given field mappings.
func leg(fields string) string {
	return `{"legs":[{"sourceSchema":"Customers","destinationSchema":"accounts","sourceEnvironmentType":"AX","fieldMappings":[` + fields + `]}]}`
}

func notes(im *interchange.Import) string {
	var out []string
	for _, n := range im.Notes {
		out = append(out, n.String())
	}
	return strings.Join(out, "\n")
}

func TestDirectionsAreReadAsNumbersTextsAndNames(t *testing.T) {
	for word, want := range map[string]models.Direction{"1": models.LeftToRight, `"1"`: models.LeftToRight, "1.0": models.LeftToRight, `"forward"`: models.LeftToRight, `"SourceToDestination"`: models.LeftToRight,
		"2": models.RightToLeft, `"Back"`: models.RightToLeft, "3": models.Both, `"3"`: models.Both, `"Bi-directional"`: models.Both} {
		im, err := interchange.ReadOriginal([]byte(leg(`{"syncDirection":` + word + `,"sourceField":"A","destinationField":"a"}`)))
		if err != nil {
			t.Fatal(err)
		}
		if got := im.Maps[0].Definition.Fields; len(got) != 1 || got[0].Direction != want || len(im.Notes) != 0 {
			t.Errorf("%s is read as %+v, %s", word, got, notes(im))
		}
	}
}

func TestWhatIsNotTakenOfAMapIsTold(t *testing.T) {
	for name, c := range map[string]struct{ fields, says string }{
		"direction":       {`{"syncDirection":7,"sourceField":"A","destinationField":"a"}`, `left out: Customers (accounts): field mapping 1, A = a: the direction "7"`},
		"no direction":    {`{"sourceField":"A","destinationField":"a"}`, "changed: Customers (accounts): field mapping 1, A = a: it has no syncDirection"},
		"no field":        {`{"syncDirection":3,"sourceField":"[None]","destinationField":null}`, "it names no field"},
		"only side":       {`{"syncDirection":3,"sourceField":"[None]","destinationField":"a","valueTransforms":[{"transformType":"Default","defaultValue":1}]}`, "left to right instead of both"},
		"transform":       {`{"syncDirection":3,"sourceField":"A","destinationField":"a","valueTransforms":[{"transformType":"Upper"}]}`, `the transform "Upper" is not known`},
		"transform type":  {`{"syncDirection":3,"sourceField":"A","destinationField":"a","valueTransforms":[{"transformType":4}]}`, `the transform "4" is not known`},
		"null in a map":   {`{"syncDirection":3,"sourceField":"A","destinationField":"a","valueTransforms":[{"transformType":"ValueMap","valueMap":{"0":null,"1":2}}]}`, "the line 0 = null"},
		"no values":       {`{"syncDirection":3,"sourceField":"A","destinationField":"a","valueTransforms":[{"transformType":"ValueMap"}]}`, "a value map without values"},
		"creates values":  {`{"syncDirection":3,"sourceField":"A","destinationField":"a","valueTransforms":[{"transformType":"ValueMap","valueMap":{"a":true},"createValuesOnDestination":true}]}`, "createValuesOnDestination"},
		"unknown member":  {`{"syncDirection":3,"sourceField":"A","destinationField":"a","colour":"red"}`, "not known: colour"},
		"transforms odd":  {`{"syncDirection":3,"sourceField":"A","destinationField":"a","valueTransforms":"no"}`, "its valueTransforms are not a list"},
		"no length":       {`{"syncDirection":3,"sourceField":"A","destinationField":"a","valueTransforms":[{"transformType":"Truncate"}]}`, "says no length"},
		"not a mapping":   {`7`, "left out: Customers (accounts): field mapping 1"},
		"no fields":       {``, "there are none, so nothing is copied"},
		"an unknown leg":  {`{"syncDirection":3,"sourceField":"A","destinationField":"a"}]},{"fieldMappings":[`, "leg 2"},
		"a leg's member":  {`{"syncDirection":3,"sourceField":"A","destinationField":"a"}],"sourceMQuery":"x","y":[`, "not known: sourceMQuery, y"},
		"a default value": {`{"syncDirection":3,"sourceField":"A","destinationField":"a","valueTransforms":[{"transformType":"ValueMap","valueMap":{"a":"b"},"defaultValue":"c"}]}`, `the default "c" of the value map`},
	} {
		t.Run(name, func(t *testing.T) {
			im, err := interchange.ReadOriginal([]byte(leg(c.fields)))
			if err != nil || !strings.Contains(notes(im), c.says) {
				t.Errorf("want a note that says %q, got %v\n%s", c.says, err, notes(im))
			}
		})
	}
}

func TestRowsThatHoldNoMapAreTold(t *testing.T) {
	im, err := interchange.ReadOriginal([]byte(`{"value":[{"msdyn_name":"one"},{"msdyn_name":"two","msdyn_mapping":"{"},{"msdyn_name":"three","msdyn_mapping":"{\"legs\":[]}"},
		{"msdyn_name":"four","msdyn_mapping":{"legs":[{"sourceSchema":"A","fieldMappings":[]}]}}]}`))
	if err != nil || len(im.Maps) != 0 {
		t.Fatalf("%v, %+v", err, im)
	}
	for _, says := range []string{"one: row 1: it has no msdyn_mapping", "two: row 2: its msdyn_mapping is not JSON", "three: legs: there are none", "four: legs: no leg names both"} {
		if !strings.Contains(notes(im), says) {
			t.Errorf("nothing says %q:\n%s", says, notes(im))
		}
	}
}

func TestOnlyTheNewestVersionOfAMapIsTakenAndTwinsAreToldApart(t *testing.T) {
	row := func(name, version string) string {
		return fmt.Sprintf(`{"msdyn_displayname":%q,"msdyn_version":%q,"msdyn_mapping":%q}`, name, version, leg(`{"syncDirection":3,"sourceField":"A","destinationField":"a"}`))
	}
	im, err := interchange.ReadOriginal([]byte("[" + row("first", "1.0.0.9") + "," + row("first", "1.0.0.10") + "," + row("second", "1.0.0.0") + "]"))
	if err != nil || len(im.Maps) != 2 || im.Maps[0].Version != "1.0.0.10" || im.Maps[0].Name == im.Maps[1].Name || !strings.Contains(notes(im), "version 1.0.0.9") {
		t.Errorf("%v, %+v\n%s", err, im.Maps, notes(im))
	}
}

func TestALegFromTheRightAppIsTurned(t *testing.T) {
	im, err := interchange.ReadOriginal([]byte(`{"legs":[{"sourceSchema":"accounts","destinationSchema":"Customers","sourceEnvironmentType":"CRM","destinationEnvironmentType":"AX","sourceFilter":"a eq 1",
		"fieldMappings":[{"syncDirection":1,"sourceField":"a","destinationField":"A","valueTransforms":[{"transformType":"ValueMap","valueMap":{"r":"l"}}]}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	d := im.Maps[0].Definition
	if f := d.Fields[0]; d.Left.Entity != "Customers" || d.Right.Filter != "a eq 1" || f.Left != "A" || f.Direction != models.RightToLeft || f.Transforms[0].Pairs[0] != (models.ValuePair{Left: "l", Right: "r"}) {
		t.Errorf("read as %+v", d)
	}
}

func TestAFileThatCannotBeReadSaysWhy(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"empty": {"", "the file cannot be read as a map in YAML"}, "cut off": {`[{"a":`, "it ends too early"}, "a comma": {"{\n\"a\":1,\n}", "line 3"}, "more after it": {"{}\n{}", "goes on after its JSON ends"},
		"a number": {"[7]", "no rows"}, "value": {`{"value":7}`, "not a list of rows"}, "deep": {strings.Repeat("[", 20_000), "not JSON"}, "archive": {"PK\x03\x04broken", "cannot be opened as one"},
		"large": {"[" + strings.Repeat(" ", interchange.MostBytes), "larger than 32 MB"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := interchange.ReadAny([]byte(c.text))
			if name == "empty" {
				_, err = interchange.ReadOriginal(nil)
				c.says = "the file is empty"
			}
			if models.KindOf(err) != models.Invalid || !strings.Contains(models.MessageOf(err), c.says) {
				t.Errorf("got %v, want it to say %q", err, c.says)
			}
		})
	}
}

// archive packs files; one that is empty is filled with so many MB of nothing.
func archive(t *testing.T, files map[string]string, megabytes int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range files {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if text == "" {
			_, err = io.CopyN(f, zeros{}, int64(megabytes)<<20)
		} else {
			_, err = io.WriteString(f, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestASolutionIsReadFromItsArchiveAndItsFolder(t *testing.T) {
	mapping := strings.NewReplacer(`&`, "&amp;", `"`, "&quot;").Replace(leg(`{"syncDirection":3,"sourceField":"A","destinationField":"a"}`))
	files := map[string]string{
		"solution.xml":       `<ImportExportXml><SolutionManifest><Publisher><UniqueName>contoso</UniqueName></Publisher></SolutionManifest></ImportExportXml>`,
		"customizations.xml": `<ImportExportXml><msdyn_dualwriteentitymaps><msdyn_dualwriteentitymap msdyn_name="one"><msdyn_version>2.0.0.0</msdyn_version><msdyn_mapping>` + mapping + `</msdyn_mapping></msdyn_dualwriteentitymap></msdyn_dualwriteentitymaps></ImportExportXml>`,
		"other/readme.txt":   "nothing",
		"other/broken.xml":   "<a", "other/data.json": `{"x":1}`,
		"maps/two.json": `{"msdyn_name":"two","msdyn_mapping":` + leg(`{"syncDirection":1,"sourceField":"B","destinationField":"b"}`) + `}`,
	}
	packed, err := interchange.ReadAny(archive(t, files, 0))
	if err != nil {
		t.Fatal(err)
	}
	folder := fstest.MapFS{}
	for name, text := range files {
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	unpacked, err := interchange.ReadSolution(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, im := range []*interchange.Import{packed, unpacked} {
		if len(im.Maps) != 2 || im.Maps[0].Publisher != "contoso" || im.Maps[0].Version != "2.0.0.0" || !strings.Contains(notes(im), "other/broken.xml") {
			t.Errorf("read %+v\n%s", im.Maps, notes(im))
		}
	}
}

func TestAnArchiveThatUnpacksToTooMuchIsRefused(t *testing.T) {
	bomb := archive(t, map[string]string{"a.xml": "", "b.json": ""}, 80)
	if len(bomb) > 1<<20 {
		t.Fatalf("the archive has %d bytes", len(bomb))
	}
	_, err := interchange.ReadAny(bomb)
	if models.KindOf(err) != models.Invalid || !strings.Contains(models.MessageOf(err), "unpacks to more than 128 MB") {
		t.Errorf("got %v", err)
	}
	if _, err := interchange.ReadAny(archive(t, map[string]string{"a.txt": "x"}, 0)); !strings.Contains(models.MessageOf(err), "holds no entity map") {
		t.Errorf("without a map: %v", err)
	}
}

func FuzzReadOriginal(f *testing.F) {
	text, err := os.ReadFile(filepath.Join("testdata", "documented.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text[:4000])
	f.Add([]byte(leg(`{"syncDirection":3,"sourceField":"A","destinationField":"a"}`)))
	f.Fuzz(func(t *testing.T, text []byte) {
		im, err := interchange.ReadAny(text)
		if err != nil {
			if models.KindOf(err) != models.Invalid {
				t.Fatalf("kind of %v", err)
			}
			return
		}
		for i := range im.Maps {
			if _, err := interchange.WriteMap(&im.Maps[i]); err != nil {
				t.Fatal(err)
			}
		}
	})
}
