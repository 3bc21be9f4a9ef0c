package interchange

import (
	"net/url"
	"slices"

	"dualwrite/models"
)

// problem names what is wrong with something in the file.
func problem(what, name, format string, args ...any) error {
	return models.Errorf(models.Invalid, what+" "+name+": "+format, args...)
}

func (f *File) setup() (*models.Setup, error) {
	s := &models.Setup{}
	for _, c := range f.Connections {
		if err := c.check(); err != nil {
			return nil, err
		}
		s.Connections = append(s.Connections, models.Connection{Name: c.Name, Kind: c.Kind, Settings: c.Settings})
	}
	for _, e := range f.Environments {
		if e.Name == "" || e.Left == "" || e.Right == "" {
			return nil, problem("the environment", e.Name, "name, left and right must be given; left and right are names of connections")
		}
		env := models.EnvironmentSetup{Name: e.Name, Left: e.Left, Right: e.Right, Companies: e.Companies}
		for _, m := range e.Maps {
			made, err := m.model()
			if err != nil {
				return nil, err
			}
			env.Maps = append(env.Maps, made)
		}
		s.Environments = append(s.Environments, env)
	}
	return s, nil
}

func (c *Connection) check() error {
	if c.Name == "" || c.Kind == "" {
		return problem("the connection", c.Name, "name and kind must be given")
	}
	for setting, value := range c.Settings {
		if secret(setting, value) {
			return problem("the connection", c.Name, "%s must not stand in the file; give it as env:NAME, the name of a variable, or file:PATH, a file that holds nothing else", setting)
		}
	}
	return nil
}

// secret reports whether a setting must not stand in a file or in the store.
func secret(setting, value string) bool {
	if Referred(value) {
		return false
	}
	switch setting {
	case "password", "secret", "token", "client_secret":
		return true
	}
	u, err := url.Parse(value)
	if err != nil || u.User == nil {
		return false
	}
	_, given := u.User.Password()
	return given
}

func (m *Map) model() (models.Map, error) {
	out := models.Map{Name: m.Name, Description: m.Description, Publisher: m.Publisher, Version: m.Version, Master: m.Master}
	switch {
	case m.Name == "":
		return out, problem("a map of", m.Left.Entity, "its name must be given")
	case m.Left.Entity == "" || m.Right.Entity == "":
		return out, problem("the map", m.Name, "the entity of each side must be given")
	case (m.Left.Company == "") != (m.Right.Company == ""):
		return out, problem("the map", m.Name, "company must be given on both sides or on neither")
	case len(m.Companies) > 0 && m.Left.Company == "":
		return out, problem("the map", m.Name, "companies limits it to some legal entities, so company must be given on both sides")
	case len(m.Key) == 0:
		return out, problem("the map", m.Name, "a key must be given: the fields that tell which records are the same")
	case m.Master != "" && m.Master != models.Left && m.Master != models.Right:
		return out, problem("the map", m.Name, "the master is %q; it can be left or right", m.Master)
	}
	d := &out.Definition
	d.Left, d.Right, d.Companies, d.Needs = m.Left.model(), m.Right.model(), m.Companies, m.Needs
	for _, k := range m.Key {
		if k.Left == "" || k.Right == "" {
			return out, problem("the map", m.Name, "each line of the key names a field of both sides")
		}
		d.Key = append(d.Key, models.KeyPair(k))
	}
	for _, f := range m.Fields {
		made, err := f.model(m.Name)
		if err != nil {
			return out, err
		}
		d.Fields = append(d.Fields, made)
	}
	for _, k := range d.Key {
		if !slices.ContainsFunc(d.Fields, func(f models.FieldMapping) bool { return f.Left == k.Left && f.Right == k.Right }) {
			return out, problem("the map", m.Name, "the key field %s must be among the mapped fields too, with %s", k.Left, k.Right)
		}
	}
	return out, nil
}

func (e *Endpoint) model() models.Endpoint {
	out := models.Endpoint(*e)
	if out.Label == "" {
		out.Label = out.Entity
	}
	return out
}

func (f *Field) model(name string) (models.FieldMapping, error) {
	out := models.FieldMapping{Left: f.Left, Right: f.Right, Direction: f.Direction}
	if out.Direction == "" {
		out.Direction = models.Both
	}
	switch {
	case f.Left == "" && f.Right == "":
		return out, problem("the map", name, "a field mapping names no field")
	case !slices.Contains([]models.Direction{models.Both, models.LeftToRight, models.RightToLeft}, out.Direction):
		return out, problem("the map", name, "the direction of %s is %q; it can be both, left to right or right to left", f.Left+f.Right, out.Direction)
	}
	for _, t := range f.Transforms {
		made, err := t.model()
		if err != nil {
			return out, problem("the map", name, "%s: %s", f.Left+f.Right, models.MessageOf(err))
		}
		out.Transforms = append(out.Transforms, made)
	}
	if (f.Left == "" || f.Right == "") && (len(out.Transforms) == 0 || out.Transforms[0].Type != models.Default) {
		return out, problem("the map", name, "%s has no field on the other side, so it needs a default", f.Left+f.Right)
	}
	return out, nil
}

func (t *Transform) model() (models.Transform, error) {
	given := 0
	var out models.Transform
	if t.Default != nil {
		given, out = given+1, models.Transform{Type: models.Default, Default: *t.Default}
	}
	if t.Truncate > 0 {
		given, out = given+1, models.Transform{Type: models.Truncate, Length: t.Truncate}
	}
	if len(t.ValueMap) > 0 {
		given, out = given+1, models.Transform{Type: models.ValueMap}
		for _, p := range t.ValueMap {
			out.Pairs = append(out.Pairs, models.ValuePair(p))
		}
	}
	if t.Expression != "" {
		given, out = given+1, models.Transform{Type: models.Expression, Expression: t.Expression}
	}
	if given != 1 {
		return out, models.Errorf(models.Invalid, "a transform is one of default, values, truncate and expression")
	}
	return out, nil
}
