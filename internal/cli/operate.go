package cli

import (
	"cmp"
	"context"
	"reflect"
	"strings"

	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/operation"
	"larder.example/larder/internal/cli/output"
	"larder.example/larder/internal/cli/value"
	"larder.example/larder/internal/wire"
)

// operate runs an operation of a service: the third pass over the command
// line, the call, and what is printed of the answer.
func (s *Session) operate(ctx context.Context, service operation.Service, name string, words []string) error {
	op, err := service.Find(name)
	if err != nil {
		return err
	}
	options := operationOptions(op)
	v, rest, err := args.Parse(options, words)
	if err != nil {
		return usageError(err)
	}
	if h := v.Text("help"); h != "" {
		rest = append(rest, h)
	}
	if len(rest) > 0 {
		return &Fault{Message: "Unknown options: " + strings.Join(rest, ", "), Exit: exitUsage, above: true}
	}
	params, err := s.params(op, v)
	if err != nil {
		return err
	}
	c, err := s.Caller(service.Name)
	if err != nil {
		return err
	}
	out, _, err := c.Call(ctx, op, params)
	if err != nil {
		return err
	}
	return s.print(out)
}

// operationOptions returns the options of an operation, one for each member
// of its input, in the order of the model.
func operationOptions(op *operation.Operation) []args.Option {
	var options []args.Option
	for i := range op.In.Members {
		m := &op.In.Members[i]
		o := args.Option{Name: operation.Hyphenate(op.NameOf(m)), Required: m.Required}
		switch {
		case m.Shape.Kind == wire.Bool:
			options = append(options,
				args.Option{Name: o.Name, Kind: args.Flag}, args.Option{Name: "no-" + o.Name, Sets: o.Name, Kind: args.Unset})
			continue
		case m.Shape.Type.Kind() == reflect.Int64: // a long is read at once, an integer later
			o.Kind = args.Number
		case m.Shape.Kind == wire.List:
			o.Kind = args.Texts
		}
		options = append(options, o)
	}
	return append(options, args.Option{Name: "help", Word: true, Kind: args.Maybe})
}

// params makes the parameters of what the options say, in the order of the
// model.
func (s *Session) params(op *operation.Operation, v args.Values) (*value.Object, error) {
	params := new(value.Object)
	for i := range op.In.Members {
		m := &op.In.Members[i]
		raw := v[operation.Hyphenate(op.NameOf(m))]
		if raw == nil {
			continue
		}
		if text, ok := raw.(string); ok && m.Shape.Kind == wire.Int {
			n, ok := args.Int(text)
			if !ok {
				return nil, badInt(text)
			}
			raw = n
		}
		params.Set(op.NameOf(m), raw)
	}
	return params, nil
}

// print writes an answer as the user wants it.
func (s *Session) print(out any) error {
	switch format := s.format(); format {
	case "json":
		return output.JSON(s.Stdout, out)
	case "text":
		return output.Text(s.Stdout, out)
	case "off":
		return nil
	default:
		return errorText("Unknown output type: %s", format)
	}
}

func (s *Session) format() string {
	return cmp.Or(s.Globals.Text("output"), s.Getenv("AWS_DEFAULT_OUTPUT"), s.configured("output"), "json")
}
