package cli

import (
	"fmt"
	"io"
	"strings"

	"larder.example/larder/internal/cli/operation"
	"larder.example/larder/internal/wire"
)

// skeletonWriter writes a YAML document with all that an operation takes,
// empty, each with a comment that says what it is.
type skeletonWriter struct {
	w  io.Writer
	op *operation.Operation
}

// structure writes a member a line. first says that the first line has its
// indentation.
func (y *skeletonWriter) structure(s *wire.Shape, indent string, first bool) {
	for i := range s.Members {
		m := &s.Members[i]
		if i > 0 || !first {
			fmt.Fprint(y.w, indent)
		}
		comment := describe(m)
		if m.Required {
			comment = "[REQUIRED] " + comment
		}
		gap := " "
		if i == 0 {
			gap = "  " // as the AWS CLI has it
		}
		fmt.Fprintf(y.w, "%s:%s%s# %s\n", y.op.NameOf(m), y.inline(m.Shape), gap, comment)
		y.below(m.Shape, indent)
	}
}

// inline returns what stands behind a name.
func (y *skeletonWriter) inline(s *wire.Shape) string {
	switch s.Kind {
	case wire.String, wire.Time:
		if enum := s.Enum(); len(enum) > 0 {
			return " " + enum[0]
		}
		return " ''"
	case wire.Int:
		return " 0"
	case wire.Bool:
		return " true"
	case wire.Stream, wire.Blob:
		return " !!binary ''"
	case wire.List, wire.Map, wire.Struct:
	}
	return ""
}

func (y *skeletonWriter) below(s *wire.Shape, indent string) {
	switch s.Kind {
	case wire.List:
		fmt.Fprint(y.w, indent+"- ")
		if s.Elem.Kind == wire.Struct {
			y.structure(s.Elem, indent+"  ", true)
			return
		}
		fmt.Fprintln(y.w, strings.TrimPrefix(y.inline(s.Elem), " "))
	case wire.Map:
		fmt.Fprintf(y.w, "%s  KeyName:%s\n", indent, y.inline(s.Elem))
	case wire.Struct:
		y.structure(s, indent+"  ", false)
	case wire.String, wire.Time, wire.Int, wire.Bool, wire.Stream, wire.Blob:
	}
}
