package interchange

import "dualwrite/models"

// fileOf is the opposite of setup.
func fileOf(s *models.Setup) *File {
	f := &File{}
	for _, c := range s.Connections {
		f.Connections = append(f.Connections, Connection{Name: c.Name, Kind: c.Kind, Settings: c.Settings})
	}
	for _, e := range s.Environments {
		env := Environment{Name: e.Name, Left: e.Left, Right: e.Right, Companies: e.Companies}
		for i := range e.Maps {
			env.Maps = append(env.Maps, mapOf(&e.Maps[i]))
		}
		f.Environments = append(f.Environments, env)
	}
	return f
}

func mapOf(m *models.Map) Map {
	d := &m.Definition
	out := Map{Name: m.Name, Description: m.Description, Publisher: m.Publisher, Version: m.Version, Master: m.Master,
		Left: Endpoint(d.Left), Right: Endpoint(d.Right), Companies: d.Companies, Needs: d.Needs}
	for _, k := range d.Key {
		out.Key = append(out.Key, Pair(k))
	}
	for _, f := range d.Fields {
		made := Field{Left: f.Left, Right: f.Right, Direction: f.Direction}
		for _, t := range f.Transforms {
			made.Transforms = append(made.Transforms, transformOf(t))
		}
		out.Fields = append(out.Fields, made)
	}
	return out
}

func transformOf(t models.Transform) Transform {
	switch t.Type {
	case models.Default:
		return Transform{Default: &t.Default}
	case models.Truncate:
		return Transform{Truncate: t.Length}
	case models.Expression:
		return Transform{Expression: t.Expression}
	}
	var out Transform
	for _, p := range t.Pairs {
		out.ValueMap = append(out.ValueMap, Pair(p))
	}
	return out
}
