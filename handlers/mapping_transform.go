package handlers

import (
	"slices"
	"strconv"
	"strings"

	"dualwrite/models"
	"dualwrite/views"
)

// showTransforms puts the first transform of each type into the form.
func showTransforms(v *views.MappingForm, list []models.Transform) {
	seen := map[models.TransformType]bool{}
	for _, t := range list {
		if seen[t.Type] {
			v.KeepsMoreOfAType = true
			continue
		}
		seen[t.Type] = true
		switch t.Type {
		case models.Default:
			v.Defaulted, v.Default = true, t.Default
		case models.ValueMap:
			v.Pairs = pairLines(t.Pairs)
		case models.Truncate:
			v.Length = strconv.Itoa(t.Length)
		case models.Expression:
			v.Expression = t.Expression
		}
	}
}

// pairLines is a value map as it is typed.
func pairLines(pairs []models.ValuePair) string {
	lines := make([]string, len(pairs))
	for i, p := range pairs {
		separator := " = "
		if strings.Contains(p.Left, "=") {
			separator = "\t"
		}
		lines[i] = p.Left + separator + p.Right
	}
	return strings.Join(lines, "\n")
}

// typedPairs reads a value map: one pair on each line, the two parted by a tab
// as sheets part columns, or else by an equals sign.
func typedPairs(text string) ([]models.ValuePair, error) {
	var out []models.ValuePair
	for i, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		left, right, ok := strings.Cut(line, "\t")
		if !ok {
			left, right, ok = strings.Cut(line, "=")
		}
		if !ok {
			return nil, models.Errorf(models.Invalid, "Line %d of the value map, %q, is not a pair: part the two values by = or a tab.", i+1, strings.TrimSpace(line))
		}
		out = append(out, models.ValuePair{Left: strings.TrimSpace(left), Right: strings.TrimSpace(right)})
	}
	return out, nil
}

// typedTransforms puts what was typed in the place of the first transform of each
// type. What is new goes to the end: default, value map, expression, truncate.
func typedTransforms(v *views.MappingForm, before []models.Transform) ([]models.Transform, error) {
	pairs, err := typedPairs(v.Pairs)
	if err != nil {
		return nil, err
	}
	typed := map[models.TransformType]models.Transform{}
	if v.Defaulted {
		typed[models.Default] = models.Transform{Type: models.Default, Default: v.Default}
	}
	if len(pairs) > 0 {
		typed[models.ValueMap] = models.Transform{Type: models.ValueMap, Pairs: pairs}
	}
	if v.Expression != "" {
		typed[models.Expression] = models.Transform{Type: models.Expression, Expression: v.Expression}
	}
	if v.Length != "" {
		n, err := strconv.Atoi(v.Length)
		if err != nil || n < 1 {
			return nil, models.Errorf(models.Invalid, "The length to truncate to is a whole number of characters, 1 or more.")
		}
		typed[models.Truncate] = models.Transform{Type: models.Truncate, Length: n}
	}
	var out []models.Transform
	var seen []models.TransformType
	for _, t := range before {
		if slices.Contains(seen, t.Type) {
			out = append(out, t)
			continue
		}
		seen = append(seen, t.Type)
		if now, ok := typed[t.Type]; ok {
			out = append(out, now)
		}
	}
	for _, kind := range []models.TransformType{models.Default, models.ValueMap, models.Expression, models.Truncate} {
		if now, ok := typed[kind]; ok && !slices.Contains(seen, kind) {
			out = append(out, now)
		}
	}
	return out, nil
}
