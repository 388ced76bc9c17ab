package output

import (
	"io"

	"larder.example/larder/internal/cli/value"
)

// Formats are the names of the forms, as --output takes them.
func Formats() []string { return []string{"json", "text", "table", "yaml", "yaml-stream", "off"} }

// JSON writes a document with an indentation of four. An empty object is
// nothing to print.
func JSON(w io.Writer, v any) error {
	if isEmptyObject(v) {
		return nil
	}
	_, err := w.Write(append(value.AppendJSON(nil, v, 4), '\n'))
	return err
}

func isEmptyObject(v any) bool {
	o, ok := v.(*value.Object)
	return ok && o.Len() == 0
}
