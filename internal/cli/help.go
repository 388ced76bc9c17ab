package cli

import (
	"fmt"
	"strings"

	"larder.example/larder/internal/cli/args"
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

// helpOperation prints what an operation takes.
func (s *Session) helpOperation(op *operation.Operation) error {
	fmt.Fprintf(s.Stdout, "%s %s\n\nOptions:\n", op.Service, operation.Hyphenate(op.Name))
	s.helpOptions(operationOptions(op))
	return nil
}

func (s *Session) helpOptions(options []args.Option) {
	for _, o := range options {
		if o.Hidden {
			continue
		}
		name := "--" + o.Name
		if o.Word {
			name = o.Name
		}
		required := ""
		if o.Required {
			required = " Required."
		}
		fmt.Fprintf(s.Stdout, "  %-32s %s%s\n", name, o.Help, required)
	}
}

// yamlSkeleton prints a document to fill in, with a comment for each member.
func (s *Session) yamlSkeleton(op *operation.Operation) error {
	y := skeletonWriter{w: s.Stdout, op: op}
	y.structure(op.In, "", true)
	return nil
}
