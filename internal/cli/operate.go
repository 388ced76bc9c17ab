package cli

import (
	"context"
	"reflect"
	"strings"

	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/operation"
	"larder.example/larder/internal/wire"
)

// operate runs an operation of a service: the third pass over the command
// line, the calls, and what is printed of the answers.
func (s *Session) operate(ctx context.Context, service operation.Service, name string, words []string) error {
	op, err := service.Find(name)
	if err != nil {
		return err
	}
	if len(words) == 1 && words[0] == "help" {
		return s.printPage(operationPage(op))
	}
	options := operationOptions(op)
	if fillsInput(words) {
		for i := range options {
			options[i].Required = false
		}
	}
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
	paging, err := s.paging(op, v)
	if err != nil {
		return err
	}
	params, err := s.params(op, v)
	if err != nil {
		return err
	}
	if kind := v.Text("generate-cli-skeleton"); kind != "" {
		return s.skeleton(ctx, op, kind, params)
	}
	if paging != nil && params.filledPaging {
		paging = nil
	}
	c, err := s.Caller(ctx, service.Name)
	if err != nil {
		return err
	}
	return s.paged(ctx, func(s *Session) error {
		if paging != nil {
			return s.printPages(ctx, op, &pages{caller: c, op: op, params: params.Object, paging: *paging})
		}
		return s.operateOnce(ctx, c, op, params, v.Text("outfile"))
	})
}

func (s *Session) operateOnce(ctx context.Context, c *Caller, op *operation.Operation, params *parameters, outfile string) error {
	out, body, err := c.Call(ctx, op, params.Object)
	if err != nil {
		return err
	}
	if body != nil {
		if err := saveStream(body, outfile); err != nil {
			return err
		}
	}
	return s.print(op.Name, out)
}

// fillsInput reports whether required options may be missing, because a
// document holds them or none is sent. As in the AWS CLI the option must stand
// alone, without its value after '='.
func fillsInput(words []string) bool {
	for i, w := range words {
		switch w {
		case "--cli-input-json", "--cli-input-yaml":
			return true
		case "--generate-cli-skeleton":
			return i+1 == len(words) || words[i+1] != "output"
		}
	}
	return false
}

// operationOptions returns the options of an operation: one for each member
// of its input, in the order of the model, and those that all have.
func operationOptions(op *operation.Operation) []args.Option {
	var options []args.Option
	hidden := map[string]bool{op.Pages.Input: op.Pages.Input != "", op.Pages.Limit: op.Pages.Limit != ""}
	for i := range op.In.Members {
		m := &op.In.Members[i]
		o := args.Option{
			Name: operation.Hyphenate(op.NameOf(m)), Required: m.Required, Choices: nil,
			Help: describe(m), Hidden: hidden[op.NameOf(m)],
		}
		switch {
		case o.Name == "max-items": // IAM calls so what the paging option is called
			continue
		case m.Shape.Kind == wire.Bool:
			options = append(options,
				args.Option{Name: o.Name, Kind: args.Flag, Help: o.Help},
				args.Option{Name: "no-" + o.Name, Sets: o.Name, Kind: args.Unset, Help: "The opposite of --" + o.Name + "."})
			continue
		case m.Shape.Type.Kind() == reflect.Int64: // a long is read at once, an integer later
			o.Kind = args.Number
		case m.Shape.Kind == wire.List:
			o.Kind = args.Texts
		}
		options = append(options, o)
	}
	if operation.Stream(op.Out) != nil {
		options = append(options, args.Option{Name: "outfile", Word: true, Required: true, Help: "The file to write the content to."})
	} else {
		options = append(options,
			args.Option{Name: "cli-input-json", Help: "Parameters as a JSON document, or file:// and its path."},
			args.Option{Name: "cli-input-yaml", Help: "Parameters as a YAML document, or file:// and its path."})
	}
	if op.Pages != (wire.Pages{}) {
		options = append(options,
			args.Option{Name: "starting-token", Help: "Go on where an earlier NextToken says."},
			args.Option{Name: "page-size", Kind: args.Number, Help: "How many items to ask for at once."},
			args.Option{Name: "max-items", Kind: args.Number, Help: "How many items to print at most."})
	}
	if operation.Stream(op.Out) == nil {
		options = append(options, args.Option{
			Name: "generate-cli-skeleton", Kind: args.Maybe, Choices: []string{"input", "output", "yaml-input"},
			Help: "Print a document to fill in, or what an answer looks like, and send nothing.",
		})
	}
	return append(options, args.Option{Name: "help", Word: true, Kind: args.Maybe, Hidden: true})
}
