package cli

import (
	"strings"

	"larder.example/larder/internal/cli/operation"
	"larder.example/larder/internal/wire"
)

// describe says in one line what a member holds.
func describe(m *wire.Member) string {
	var kind string
	switch m.Shape.Kind {
	case wire.String:
		kind = "A text"
		if enum := m.Shape.Enum(); enum != nil {
			kind = "One of: " + strings.Join(enum, ", ")
		}
	case wire.Bool:
		kind = "Yes or no"
	case wire.Int:
		kind = "A whole number"
	case wire.List:
		kind = "A list"
		if m.Shape.Elem.Kind == wire.Struct {
			kind = "A list, each item " + shorthandForm(m.Shape.Elem)
		}
	case wire.Map:
		kind = "A map: key=value,..."
	case wire.Struct:
		kind = "A structure: " + shorthandForm(m.Shape)
	case wire.Stream:
		kind = "The path of a file"
	case wire.Time:
		kind = "A time"
	case wire.Blob:
		kind = "Bytes"
	}
	return kind + "."
}

func shorthandForm(s *wire.Shape) string {
	var parts []string
	for i := range s.Members {
		parts = append(parts, s.Members[i].Name+"=...")
	}
	return strings.Join(parts, ",")
}

// yamlSkeleton prints a document to fill in, with a comment for each member.
func (s *Session) yamlSkeleton(op *operation.Operation) error {
	y := skeletonWriter{w: s.Stdout, op: op}
	y.structure(op.In, "", true)
	return nil
}
