package handlers

import (
	"context"

	"dualwrite/engine"
	"dualwrite/models"
)

// Mapper knows the apps that maps are drawn between. Its errors are of kind
// models.Invalid where an app is out of reach.
type Mapper interface {
	Check(ctx context.Context, environmentID int64, def *models.Definition) ([]engine.Finding, error)
	FieldTypes(ctx context.Context, environmentID int64, def *models.Definition) ([2]map[string]string, error)
	Choices(ctx context.Context, environmentID int64, side models.Side, entity, through string) ([]engine.Choice, error)
	RefreshTables(ctx context.Context, environmentID int64, def *models.Definition) ([]string, error)
	PreviewFilter(ctx context.Context, mapID int64, side models.Side, text string) (engine.FilterPreview, error)
	SampleField(ctx context.Context, mapID int64, f models.FieldMapping) ([]engine.FieldSample, error)
	PreviewInitial(ctx context.Context, mapID int64) (engine.InitialPreview, error)
	TestRecord(ctx context.Context, mapID int64, side models.Side, key []string) (engine.RecordTest, error)
	Relations(ctx context.Context, ids []int64) (engine.Relations, error)
	FitMap(ctx context.Context, environmentID int64, m *models.Map) ([]string, error)
}
