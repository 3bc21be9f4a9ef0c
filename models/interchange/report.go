package interchange

import (
	"fmt"

	"dualwrite/models"
)

// Import is what a file holds for an environment, and what of it was not taken.
type Import struct {
	Maps  []models.Map
	Notes []Note
}

// Fate is what became of a part of a file.
type Fate string

// The fates.
const (
	Taken   Fate = "taken"
	Changed Fate = "changed"  // taken, but not as it stands there
	LeftOut Fate = "left out" // not taken
)

// Note is one line of an import's report.
type Note struct {
	Map   string // name of the map, "" where it is about the file
	Fate  Fate
	Where string // place in the file: "CUSTOMERACCOUNT = accountnumber"
	Why   string
}

func (n Note) String() string {
	text := string(n.Fate)
	for _, part := range []string{n.Map, n.Where, n.Why} {
		if part != "" {
			text += ": " + part
		}
	}
	return text
}

func (im *Import) note(f Fate, name, where, format string, args ...any) {
	im.Notes = append(im.Notes, Note{Map: name, Fate: f, Where: where, Why: fmt.Sprintf(format, args...)})
}

// For is the setup that puts maps into an environment that there is; present is
// everything that is set up now. Fails with kind models.NotFound where it has no
// such environment.
func For(present *models.Setup, environment string, maps []models.Map) (*models.Setup, error) {
	for _, e := range present.Environments {
		if e.Name == environment {
			e.Maps = maps
			return &models.Setup{Environments: []models.EnvironmentSetup{e}}, nil
		}
	}
	return nil, models.Errorf(models.NotFound, "there is no environment %s", environment)
}

// Fit gives each map the names of the apps at hand by fit, which says what it
// changed. A map for which no key was found is left out: records could not be
// told apart. The others are noted as taken.
func (im *Import) Fit(fit func(*models.Map) ([]string, error)) error {
	var kept []models.Map
	for i := range im.Maps {
		m := im.Maps[i]
		said, err := fit(&m)
		if err != nil {
			return err
		}
		for _, line := range said {
			im.note(Changed, m.Name, "", "%s", line)
		}
		if len(m.Definition.Key) == 0 {
			im.note(LeftOut, m.Name, "", "no alternate key of %s or %s has all its fields mapped both ways, so records could not be told apart; "+
				"choose Refresh tables, or map its fields and import again", m.Definition.Left.Entity, m.Definition.Right.Entity)
			continue
		}
		im.note(Taken, m.Name, "", "%d field mappings", len(m.Definition.Fields))
		kept = append(kept, m)
	}
	im.Maps = kept
	return nil
}
