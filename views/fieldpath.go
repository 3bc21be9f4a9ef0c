package views

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// fieldPath shows the path of a field, which may break after its dots and
// underscores: "msdyn_customergroupid.msdyn_groupid" is wider than any column.
func fieldPath(path string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, strings.NewReplacer(".", ".<wbr>", "_", "_<wbr>").Replace(templ.EscapeString(path)))
		return err
	})
}
