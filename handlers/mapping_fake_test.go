package handlers_test

import (
	"context"

	"dualwrite/engine"
	"dualwrite/models"
)

// fakeMapper is what the fake engine knows of the apps.
type fakeMapper struct {
	findings  []engine.Finding
	unreached error // every question is answered with this
	refreshed []string
	filter    engine.FilterPreview
	filterErr error
	preview   engine.InitialPreview
	tested    engine.RecordTest
	relations engine.Relations
	sampled   []models.FieldMapping // what was asked to be tried
	samples   []engine.FieldSample
}

func (f *fakeMapper) Check(_ context.Context, _ int64, _ *models.Definition) ([]engine.Finding, error) {
	return f.findings, f.unreached
}

func (f *fakeMapper) FieldTypes(_ context.Context, _ int64, _ *models.Definition) ([2]map[string]string, error) {
	return [2]map[string]string{{"NAME": "text"}, {"gendercode": "whole number"}}, f.unreached
}

func (f *fakeMapper) Choices(_ context.Context, _ int64, side models.Side, _, through string) ([]engine.Choice, error) {
	switch {
	case f.unreached != nil:
		return nil, f.unreached
	case side == models.Left:
		return []engine.Choice{{Path: "NAME", Label: "Name", Type: "text", Limit: "60 characters", Required: true}}, nil
	case through == "group":
		return []engine.Choice{{Path: "group.code", Type: "text"}, {Path: "group.parent", Lookup: "groups"}}, nil
	case through == "group.parent":
		return []engine.Choice{{Path: "group.parent.code", Type: "text"}}, nil
	}
	return []engine.Choice{{Path: "group", Lookup: "groups"}, {Path: "fullname", Type: "text", ReadOnly: true}}, nil
}

func (f *fakeMapper) RefreshTables(context.Context, int64, *models.Definition) ([]string, error) {
	return f.refreshed, f.unreached
}

func (f *fakeMapper) PreviewFilter(_ context.Context, _ int64, _ models.Side, _ string) (engine.FilterPreview, error) {
	return f.filter, f.filterErr
}

func (f *fakeMapper) SampleField(_ context.Context, _ int64, m models.FieldMapping) ([]engine.FieldSample, error) {
	f.sampled = append(f.sampled, m)
	return f.samples, f.unreached
}

func (f *fakeMapper) PreviewInitial(context.Context, int64) (engine.InitialPreview, error) {
	return f.preview, f.unreached
}

func (f *fakeMapper) TestRecord(_ context.Context, _ int64, _ models.Side, key []string) (engine.RecordTest, error) {
	if len(key) == 0 {
		return engine.RecordTest{}, models.Errorf(models.Invalid, "the key has 2 values")
	}
	return f.tested, f.unreached
}

func (f *fakeMapper) Relations(context.Context, []int64) (engine.Relations, error) {
	return f.relations, nil
}

func (f *fakeMapper) FitMap(_ context.Context, _ int64, m *models.Map) ([]string, error) {
	if len(m.Definition.Key) == 0 && len(m.Definition.Fields) > 0 {
		m.Definition.Key = []models.KeyPair{{Left: m.Definition.Fields[0].Left, Right: m.Definition.Fields[0].Right}}
	}
	return []string{"the key is proposed"}, f.unreached
}
