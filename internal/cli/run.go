package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/operation"
)

// Version is the version of the command line. A release sets it when it links.
var Version = "0.1.0-dev" //nolint:gochecknoglobals // set by the linker only

// Main runs the command line and returns its exit code.
func Main(ctx context.Context, p *Process) int {
	s := &Session{Process: p}
	if err := s.run(ctx); err != nil {
		return s.report(err)
	}
	return 0
}

// run reads the global options and the command, in the first of the passes
// over the command line.
func (s *Session) run(ctx context.Context) error {
	if err := s.load(); err != nil {
		return err
	}
	s.Args = asHelper(s.Program, s.Args)
	if s.completes() {
		return nil
	}
	line, program, divided := split(s.Args)
	options := append(globals(), args.Option{Name: "command", Word: true, Required: true, Choices: words()})
	v, rest, err := args.Parse(options, line)
	if command, ok := findCommand(v.Text("command"), ""); divided && (!ok || !command.Program) {
		v, rest, err = args.Parse(options, s.Args)
	}
	s.Globals = v
	if v.Set("version") {
		fmt.Fprintln(s.Stdout, versionText())
		return nil
	}
	if err != nil {
		return usageError(err)
	}
	if err := s.checkGlobals(); err != nil {
		return err
	}
	if err := s.compileQuery(); err != nil {
		return err
	}
	if err := s.checkProfile(); err != nil {
		return err
	}
	return s.dispatch(ctx, v.Text("command"), rest, program)
}

// split divides a command line at "--".
func split(words []string) (before, after []string, divided bool) {
	if i := slices.Index(words, "--"); i >= 0 {
		return words[:i], words[i+1:], true
	}
	return words, nil, false
}

func (s *Session) dispatch(ctx context.Context, name string, rest, program []string) error {
	if service, ok := operation.FindService(name); ok {
		return s.dispatchService(ctx, service, rest)
	}
	if command, ok := findCommand(name, ""); ok {
		return s.runCommand(ctx, command, rest, program)
	}
	service, _ := operation.FindService(implied)
	return s.operate(ctx, service, name, rest)
}

// dispatchService is the second pass: it reads the operation.
func (s *Session) dispatchService(ctx context.Context, service operation.Service, words []string) error {
	if len(words) == 1 && words[0] == "help" {
		return s.printPage(servicePage(service))
	}
	choices := service.Commands()
	for _, c := range commands() {
		if c.Service == service.Name {
			choices = append(choices, c.Name)
		}
	}
	v, rest, err := args.Parse([]args.Option{{Name: "operation", Word: true, Required: true, Choices: choices}}, words)
	if err != nil {
		return usageError(err)
	}
	name := v.Text("operation")
	if command, ok := findCommand(name, service.Name); ok {
		return s.runCommand(ctx, command, rest, nil)
	}
	return s.operate(ctx, service, name, rest)
}

func (s *Session) runCommand(ctx context.Context, c Command, words, program []string) error {
	if len(words) == 1 && words[0] == "help" {
		return s.printPage(commandPage(c))
	}
	v, rest, err := args.Parse(c.Options, words)
	if err != nil {
		return usageError(err)
	}
	if c.Loose {
		v["rest"], rest = rest, nil
	}
	if len(rest) > 0 {
		return ParamErrorf("Unknown options: %s", strings.Join(rest, ","))
	}
	if c.Program {
		v["--"] = program
	}
	return c.Run(ctx, s, v)
}

// versionText does not claim to be the AWS CLI, whatever the name it was
// called by.
func versionText() string { return "larder/" + Version }
