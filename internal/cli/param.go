package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/operation"
	"larder.example/larder/internal/cli/value"
	"larder.example/larder/internal/wire"
)

// parameters are what an operation is called with.
type parameters struct {
	*value.Object
	filledPaging bool // a document had the members by which pages are walked through
}

// paramError is a value of an option that cannot be read.
func paramError(option, format string, args ...any) error {
	return ParamErrorf("Error parsing parameter '%s': %s", option, fmt.Sprintf(format, args...))
}

// params makes the parameters of what the options say, in the order of the
// model, and of the document that fills in the others.
func (s *Session) params(op *operation.Operation, v args.Values) (*parameters, error) {
	p := &parameters{Object: new(value.Object)}
	for i := range op.In.Members {
		m := &op.In.Members[i]
		name := operation.Hyphenate(op.NameOf(m))
		raw, given := v[name]
		if !given || raw == nil || name == "max-items" {
			continue
		}
		param, err := s.param(op, m, "--"+name, raw)
		if err != nil {
			return nil, err
		}
		p.Set(op.NameOf(m), param)
	}
	return p, s.fill(op, p, v)
}

// param makes the value of one member.
func (s *Session) param(op *operation.Operation, m *wire.Member, option string, raw any) (any, error) {
	text, isText := raw.(string)
	if texts, ok := raw.([]string); ok && len(texts) == 1 {
		text, isText = texts[0], strings.HasPrefix(texts[0], "file://") || strings.HasPrefix(texts[0], "fileb://")
	}
	if isText && m.Shape.Kind != wire.Stream {
		loaded, err := s.paramFile(option, text)
		if err != nil {
			return nil, err
		}
		if b, ok := loaded.([]byte); ok {
			return b, nil
		}
		if loaded != nil {
			raw = loaded
		}
	}
	switch raw := raw.(type) {
	case string:
		return s.single(op, m.Shape, option, raw)
	case []string:
		return s.list(op, m.Shape, option, raw)
	default: // flags and numbers have been read
		return raw, nil
	}
}

// paramFileError is a file of a parameter that cannot be read.
type paramFileError struct{ message string }

func (e *paramFileError) Error() string { return e.message }

func paramFileErrorf(format string, args ...any) error {
	return &paramFileError{fmt.Sprintf(format, args...)}
}

// paramFile reads what file:// and fileb:// name; nil if the text names
// nothing.
func (s *Session) paramFile(option, text string) (any, error) {
	v, err := s.readParamFile(text)
	if err != nil {
		return nil, paramError(option, "%s", err)
	}
	return v, nil
}

func (s *Session) readParamFile(text string) (any, error) {
	path, isText := strings.CutPrefix(text, "file://")
	if !isText {
		var isBlob bool
		if path, isBlob = strings.CutPrefix(text, "fileb://"); !isBlob {
			return nil, nil
		}
	}
	path = s.Expand(path)
	content, err := os.ReadFile(path)
	switch {
	case err != nil:
		return nil, paramFileErrorf("Unable to load paramfile %s: %s: %s", text, reason(err), value.Repr(path))
	case !isText:
		return content, nil
	case !utf8.Valid(content):
		return nil, paramFileErrorf("Unable to load paramfile (%s), text contents could not be decoded.  If this is a binary file, please use the fileb:// prefix instead of the file:// prefix.", path)
	}
	// Python reads a text with any line ends as one with line feeds.
	return strings.ReplaceAll(strings.ReplaceAll(string(content), "\r\n", "\n"), "\r", "\n"), nil
}

// single makes a value of one text.
func (s *Session) single(op *operation.Operation, shape *wire.Shape, option, text string) (any, error) {
	switch shape.Kind {
	case wire.Int:
		n, ok := value.Int(text)
		if !ok {
			return nil, badInt(text)
		}
		return n, nil
	case wire.Stream:
		path := s.Expand(text)
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			return nil, paramError(option, "Blob values must be a path to a file.")
		}
		return os.Open(path) //nolint:wrapcheck // it was there just now
	case wire.Struct, wire.Map:
		switch trimmed := strings.TrimSpace(text); {
		case strings.HasPrefix(trimmed, "{"):
			return jsonParam(option, text)
		case strings.HasPrefix(trimmed, "["):
			return nil, paramError(option, "Invalid JSON:\n%s", text)
		}
		return s.shorthand(op, shape, option, text)
	case wire.List:
		if trimmed := strings.TrimSpace(text); strings.HasPrefix(trimmed, "[") {
			return jsonParam(option, text)
		}
		return s.list(op, shape, option, []string{text})
	case wire.String, wire.Bool, wire.Time, wire.Blob:
	}
	return text, nil
}

// list makes a list of the texts of an option.
func (s *Session) list(op *operation.Operation, shape *wire.Shape, option string, texts []string) (any, error) {
	if len(texts) == 1 && strings.HasPrefix(strings.TrimSpace(texts[0]), "[") {
		return jsonParam(option, texts[0])
	}
	out := []any{}
	isJSON := len(texts) > 0 && strings.HasPrefix(strings.TrimSpace(texts[0]), "{")
	for _, text := range texts {
		var v any = text
		var err error
		if operation.Complex(shape) {
			if isJSON {
				v, err = jsonParam(option, text)
			} else {
				v, err = s.shorthand(op, shape.Elem, option, text)
			}
		}
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func jsonParam(option, text string) (any, error) {
	v, err := value.ParseJSON(text)
	if err != nil {
		return nil, paramError(option, "Invalid JSON: %s\nJSON received: %s", err, text)
	}
	return v, nil
}

func (s *Session) shorthand(op *operation.Operation, shape *wire.Shape, option, text string) (any, error) {
	o, err := args.Shorthand(text, func(word string) (any, error) {
		v, err := s.readParamFile(word)
		if v == nil && err == nil {
			v = word
		}
		return v, err
	})
	var file *paramFileError
	if errors.As(err, &file) {
		return nil, err // without the option's name, as the AWS CLI has it
	}
	if err != nil {
		return nil, paramError(option, "%s", err)
	}
	return op.Adapt(shape, o)
}
