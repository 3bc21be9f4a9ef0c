package models

import (
	"cmp"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// CompanyLimit names the legal entities that a map is limited to; empty where it
// takes all of its environment's, those added later too.
type CompanyLimit []string

// Among picks what the limit leaves of an environment's legal entities, in their
// order and spelling.
func (l CompanyLimit) Among(companies []string) []string {
	if len(l) == 0 {
		return companies
	}
	return slices.DeleteFunc(slices.Clone(companies), func(c string) bool { return !namesCompany(l, c) })
}

// Beyond lists what the limit names and an environment does not have.
func (l CompanyLimit) Beyond(companies []string) []string {
	return slices.DeleteFunc(slices.Clone([]string(l)), func(c string) bool { return namesCompany(companies, c) })
}

// tidy names each legal entity once, and is nil where it names none.
func (l CompanyLimit) tidy() CompanyLimit {
	if out := joinCompanies(nil, l); len(out) > 0 {
		return out
	}
	return nil
}

// namesCompany reports whether a list names a legal entity, whatever its case.
func namesCompany(list []string, company string) bool {
	return slices.ContainsFunc(list, func(c string) bool { return strings.EqualFold(c, company) })
}

// joinCompanies adds legal entities that are not there yet, whatever their case.
func joinCompanies(have, add []string) []string {
	out := slices.Clone(have)
	if out == nil {
		out = []string{}
	}
	for _, c := range add {
		if c = strings.TrimSpace(c); c != "" && !namesCompany(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// companiesOf lists the legal entities that a map goes through one initial write
// each for; a global map has one, of no legal entity.
func companiesOf(tx *gorm.DB, m *Map) ([]string, error) {
	if m.Definition.Left.Company == "" {
		return []string{""}, nil
	}
	var e Environment
	err := tx.Take(&e, m.EnvironmentID).Error
	return m.Definition.Companies.Among(e.Companies), err
}

// companyMaps lists the maps of an environment that are per legal entity and not
// at rest, by name.
func companyMaps(tx *gorm.DB, e *Environment) ([]Map, error) {
	var busy []Map
	err := tx.Where("environment_id = ? AND status <> ?", e.ID, NotRunning).Order("name").Find(&busy).Error
	return slices.DeleteFunc(busy, func(m Map) bool { return m.Definition.Left.Company == "" }), err
}

// extend has every map that is per legal entity and not at rest go through the
// initial write of added legal entities alone, but for those that its limit leaves
// out. A map that is paused or catches up does so when it is live again, in a plan
// of its own: it keeps no other waiting.
func (s *Store) extend(tx *gorm.DB, actor string, e *Environment, added []string, order []int64) error {
	busy, err := companyMaps(tx, e)
	if err != nil {
		return err
	}
	slices.SortStableFunc(busy, func(a, b Map) int { return cmp.Compare(slices.Index(order, a.ID), slices.Index(order, b.ID)) })
	together := &turns{tx: tx}
	for i := range busy {
		own := busy[i].Definition.Companies.Among(added)
		if len(own) == 0 {
			continue
		}
		m, err := s.step(tx, Move{MapID: busy[i].ID, Command: Extend, Actor: actor, Detail: "initial sync of " + strings.Join(own, ", ")})
		if err != nil {
			return err
		}
		plan, err := openTurns(tx, m.ID)
		if err != nil {
			return err
		}
		if live := m.Status == Running || m.Status == Initializing; live && plan.plan.ID == 0 {
			plan = together
		}
		if err := plan.add(m, actor, own); err != nil {
			return err
		}
	}
	return nil
}
