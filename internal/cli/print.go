package cli

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"

	"larder.example/larder/internal/cli/operation"
	"larder.example/larder/internal/cli/output"
	"larder.example/larder/internal/cli/query"
	"larder.example/larder/internal/cli/value"
)

// compileQuery reads --query.
func (s *Session) compileQuery() error {
	if !s.Globals.Given("query") {
		return nil
	}
	text := s.Globals.Text("query")
	e, err := query.Compile(text)
	if err != nil {
		return ParamErrorf("Bad value for --query %s: %s", text, err)
	}
	s.query = e
	return nil
}

// pick applies --query.
func (s *Session) pick(v any) (any, error) {
	if s.query == nil {
		return v, nil
	}
	return s.query.Search(v)
}

// print writes an answer as the user wants it. The name of the operation is
// the title of tables.
func (s *Session) print(title string, v any) error {
	format, err := s.format()
	if err != nil || format == "off" {
		return err
	}
	if v, err = s.pick(v); err != nil {
		return err
	}
	return s.write(s.Stdout, format, title, v)
}

func (s *Session) write(w io.Writer, format, title string, v any) error {
	switch format {
	case "text":
		return output.Text(w, v)
	case "table":
		columns, _ := s.terminal()
		return output.Table(w, title, v, cmp.Or(columns, 80), s.colored())
	case "yaml":
		return output.YAML(w, v)
	case "yaml-stream":
		if o, ok := v.(*value.Object); ok && o.Len() == 0 {
			return nil
		}
		return output.YAMLItem(w, v)
	default:
		return output.JSON(w, v)
	}
}

func (s *Session) colored() bool {
	switch s.Globals.Text("color") {
	case "on":
		return true
	case "off":
		return false
	}
	_, watched := s.terminal()
	return watched
}

// format returns how answers are printed.
func (s *Session) format() (string, error) {
	f := cmp.Or(s.Globals.Text("output"), s.Getenv("AWS_DEFAULT_OUTPUT"), s.configured("output"), "json")
	for _, known := range output.Formats() {
		if f == known {
			return f, nil
		}
	}
	return "", errorText("Unknown output type: %s", f)
}

// printPages prints a listing: text and YAML streams page by page as they
// come, all else as one.
func (s *Session) printPages(ctx context.Context, op *operation.Operation, p *pages) error {
	format, err := s.format()
	switch {
	case err == nil && format == "text":
		return s.printText(ctx, p)
	case err == nil && format == "yaml-stream":
		return p.each(ctx, func(page *value.Object) error {
			v, err := s.pick(page)
			if err != nil {
				return err
			}
			return output.YAMLItem(s.Stdout, v)
		})
	}
	all, err := p.merged(ctx)
	if err != nil {
		return err
	}
	return s.print(op.Name, all)
}

// printText prints what stands beside the lists with the first page only, and
// the token at the end.
func (s *Session) printText(ctx context.Context, p *pages) error {
	first := true
	err := p.each(ctx, func(page *value.Object) error {
		shown := new(value.Object)
		if first {
			shown, first = p.others, false
		}
		for _, name := range p.lists() {
			v, _ := page.Get(name)
			shown.Set(name, v)
		}
		return s.print("", shown)
	})
	if token := p.resumeToken(); err == nil && token != nil {
		inner := value.NewObject(value.Member{Key: "NextToken", Value: token})
		return s.print("", value.NewObject(value.Member{Key: "NextToken", Value: inner}))
	}
	return err
}

// saveStream writes an answer that is a stream to a file.
func saveStream(body io.ReadCloser, path string) error {
	defer body.Close()
	f, err := os.Create(path)
	if err != nil {
		return errorText("%s: %s", reason(err), value.Repr(path))
	}
	_, err = io.Copy(f, body)
	return errors.Join(err, f.Close())
}
