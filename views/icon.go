package views

import (
	"context"
	"fmt"
	"io"

	"github.com/a-h/templ"
)

// iconPath draws an icon on a field of 20 by 20.
func iconPath(name string) (string, bool) {
	path, ok := map[string]string{
		"activity":     "M3 10h3l2-6 4 12 2-6h3",
		"add":          "M10 4v12M4 10h12",
		"connections":  "M7 3v4M13 3v4M5 7h10v3a5 5 0 0 1-10 0zM10 15v3",
		"delete":       "M4 6h12M8 6V4h4v2M6 6l1 11h6l1-11",
		"edit":         "M4 16l1-4 8-8 3 3-8 8z",
		"environments": "M7 10h6M8 6H6a4 4 0 0 0 0 8h2M12 6h2a4 4 0 0 1 0 8h-2",
		"health":       "M10 16l-6-6a3.5 3.5 0 0 1 6-4 3.5 3.5 0 0 1 6 4z",
		"copy":         "M7 7h10v10H7zM4 13V3h9",
		"catchup":      "M4 5l6 5-6 5zM11 5l6 5-6 5z",
		"compare":      "M10 3v14M3 6h4M3 10h4M3 14h4M13 6h4M13 10h2M13 14h4",
		"details":      "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 9v5M10 6v.5",
		"download":     "M10 3v9M6 8l4 4 4-4M4 16h12",
		"drag":         "M8 5v.5M12 5v.5M8 10v.5M12 10v.5M8 15v.5M12 15v.5",
		"key":          "M7 7a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM10 10h7v3M14 10v2",
		"maps":         "M3 5h5v4H3zM12 11h5v4h-5zM8 7h5v4",
		"pause":        "M7 4v12M13 4v12",
		"practice":     "M3 8l7-4 7 4-7 4zM6 10v4c2 2 6 2 8 0v-4",
		"queue":        "M4 5h12M4 10h12M4 15h8",
		"refresh":      "M16 10a6 6 0 1 1-2-4.5M16 3v3.5h-3.5",
		"resume":       "M4 4v12M8 4l9 6-9 6z",
		"run":          "M6 4l10 6-10 6z",
		"skip":         "M4 4l7 6-7 6zM15 4v12",
		"stop":         "M5 5h10v10H5z",
		"stopped":      "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM8 8h4v4H8z",
		"warning":      "M10 3l8 14H2zM10 8v4M10 14.5v.5",
		"up":           "M10 16V4M5 9l5-5 5 5",
		"down":         "M10 4v12M5 11l5 5 5-5",
	}[name]
	return path, ok
}

// Icon draws an icon for people who see it; words beside it say the same.
func Icon(name string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		path, ok := iconPath(name)
		if !ok {
			return fmt.Errorf("there is no icon %q", name)
		}
		_, err := fmt.Fprintf(w, `<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="%s"></path></svg>`, path)
		return err
	})
}
