package cli

import (
	"context"
	"slices"

	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/operation"
	"larder.example/larder/internal/cli/output"
	"larder.example/larder/internal/cli/value"
)

// fill adds what a document of --cli-input-json or --cli-input-yaml has and no
// option said.
func (s *Session) fill(op *operation.Operation, p *parameters, v args.Values) error {
	name := "cli-input-json"
	read := value.ParseJSON
	kind := "JSON"
	if v.Given("cli-input-yaml") {
		if v.Given(name) {
			return ParamErrorf("Only one --cli-input- parameter may be specified.")
		}
		name, read, kind = "cli-input-yaml", args.ParseYAML, "YAML"
	}
	if !v.Given(name) {
		return nil
	}
	text := v.Text(name)
	loaded, err := s.paramFile("--"+name, text)
	if err != nil {
		return err
	}
	switch loaded := loaded.(type) {
	case string:
		text = loaded
	case []byte:
		text = string(loaded)
	}
	doc, err := read(text)
	if err != nil {
		return paramError(name, "Invalid %s received.", kind)
	}
	o, ok := doc.(*value.Object)
	if !ok {
		return paramError("--"+name, "Invalid type: expecting map, received <class '%s'>", value.TypeName(doc))
	}
	for _, m := range o.Members() {
		if slices.Contains([]string{op.Pages.Input, op.Pages.Limit}, m.Key) {
			p.filledPaging = true
		}
		if _, said := p.Get(m.Key); !said {
			p.Set(m.Key, m.Value)
		}
	}
	return nil
}

// skeleton prints a document to fill in, or what an answer looks like.
func (s *Session) skeleton(ctx context.Context, op *operation.Operation, kind string, p *parameters) error {
	switch kind {
	case "input":
		return output.JSON(s.Stdout, op.Example())
	case "yaml-input":
		return s.yamlSkeleton(op)
	}
	c, err := s.Caller(ctx, op.Service)
	if err != nil {
		return err
	}
	if err := c.check(op, p.Object); err != nil {
		return err
	}
	return s.print(op.Name, op.Pretend())
}
