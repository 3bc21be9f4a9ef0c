package interchange_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"dualwrite/models"
	"dualwrite/models/interchange"
)

const sample = `connections:
- name: ERP
  kind: postgres
  settings: {host: db1, user: dualwrite, password: env:ERP_PASSWORD}
- name: CRM
  kind: sqlite
  settings:
    path: crm.db
environments:
- name: Company
  left: ERP
  right: CRM
  companies: [usmf, "0010"]
  maps:
  - name: Customers (accounts)
    master: left
    left: {entity: customers, company: dataareaid, filter: active eq true}
    right: {entity: accounts, label: Accounts, company: company.code}
    companies: ["0010"]
    key:
    - {left: number, right: accountnumber}
    fields:
    - {left: number, right: accountnumber}
    - left: kind
      right: type
      direction: left to right
      transforms:
      - values: [{left: "1", right: organisation}, {left: "2", right: person}]
    - right: source
      direction: left to right
      transforms:
      - default: "ERP: no"
    - left: name
      right: name
      transforms:
      - truncate: 20
    - left: name
      right: greeting
      direction: left to right
      transforms:
      - expression: "'Dear ' & coalesce(title & ' ', '') & value"
    needs: [Countries (countries)]
`

func TestWhatIsWrittenReadsTheSame(t *testing.T) {
	first, err := interchange.Read([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	text, err := interchange.Write(first)
	if err != nil {
		t.Fatal(err)
	}
	again, err := interchange.Read(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if !reflect.DeepEqual(first, again) {
		t.Errorf("read again it differs:\n%+v\n%+v", first, again)
	}
	if twice, _ := interchange.Write(again); string(twice) != string(text) {
		t.Errorf("written again it differs:\n%s\n%s", text, twice)
	}
	m := first.Environments[0].Maps[0]
	if m.Definition.Left.Label != "customers" || m.Definition.Fields[0].Direction != models.Both || m.Definition.Fields[2].Transforms[0].Default != "ERP: no" || len(m.Definition.Needs) != 1 || !slices.Equal(m.Definition.Companies, []string{"0010"}) {
		t.Errorf("read %+v", m.Definition)
	}
}

func TestAMistakeInAFileIsNamed(t *testing.T) {
	for name, c := range map[string]struct{ old, changed, says string }{
		"not YAML":                 {"connections:\n", "connections: [\n", "YAML"},
		"a word that is not known": {"kind: postgres", "kind: postgres\n  colour: red", "line 4"},
		"a secret":                 {"env:ERP_PASSWORD", "hunter2", "password must not stand in the file"},
		"a secret in an address":   {"host: db1", "url: 'postgres://me:pw@db1/erp'", "url must not stand in the file"},
		"no kind":                  {"  kind: sqlite\n", "", "CRM: name and kind"},
		"no side":                  {"  left: ERP\n", "", "Company: name, left and right"},
		"no entity":                {"entity: customers", "entity: ''", "the entity of each side"},
		"one company":              {"company: dataareaid, ", "", "both sides or on neither"},
		"a limit of a global map":  {"company: dataareaid, filter: active eq true}\n    right: {entity: accounts, label: Accounts, company: company.code}", "filter: x}\n    right: {entity: accounts}", "so company must be given"},
		"no key":                   {"    - {left: number, right: accountnumber}\n    fields:", "    fields:", "a key must be given"},
		"a key that is not mapped": {"    - {left: number, right: accountnumber}\n    - left: kind", "    - left: kind", "the key field number must be among the mapped fields"},
		"a direction":              {"direction: left to right", "direction: up", `direction of kind`},
		"a master":                 {"master: left", "master: both", `the master is "both"`},
		"no default":               {"      - default: \"ERP: no\"\n", "      - truncate: 3\n", "source has no field on the other side"},
		"two in one transform":     {"      - truncate: 20", "      - truncate: 20\n        default: x", "one of default, values, truncate and expression"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(sample, c.old, c.changed, 1)
			if text == sample {
				t.Fatal("nothing was changed")
			}
			_, err := interchange.Read([]byte(text))
			if models.KindOf(err) != models.Invalid || !strings.Contains(models.MessageOf(err), c.says) {
				t.Errorf("got %v, want it to say %q", err, c.says)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("connections: &a [*a]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := interchange.Read(text)
		if err != nil {
			if models.KindOf(err) != models.Invalid {
				t.Fatalf("kind of %v", err)
			}
			return
		}
		if _, err := interchange.Write(s); err != nil {
			t.Fatal(err)
		}
	})
}
