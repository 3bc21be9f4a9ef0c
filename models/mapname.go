package models

import "context"

// MapName is what links to a map need to know of it.
type MapName struct {
	ID            int64
	EnvironmentID int64
	Name          string
	LeftEntity    string
	RightEntity   string
}

// Entity is the entity of a side.
func (m MapName) Entity(s Side) string {
	if s == Right {
		return m.RightEntity
	}
	return m.LeftEntity
}

// MapNames lists all maps by name.
func (s *Store) MapNames(ctx context.Context) ([]MapName, error) {
	var out []MapName
	err := s.reader.WithContext(ctx).Model(&Map{}).Order("name, id").Find(&out).Error
	return out, storeError(err)
}
