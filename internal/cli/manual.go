package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/operation"
)

// page is a page of the manual: what help prints and man pages are made of.
type page struct {
	name     []string // the words of the command
	synopsis string
	options  []args.Option
	commands []Command // below it; only their names and synopses
}

// helpCommand prints a page of the manual.
func helpCommand() Command {
	return Command{
		Name: "help", Synopsis: "Say what a command takes.", Loose: true,
		Run: func(_ context.Context, s *Session, v args.Values) error {
			words, _ := v["rest"].([]string)
			p, err := findPage(words)
			if err != nil {
				return err
			}
			return s.printPage(p)
		},
	}
}

// findPage returns the page of a command: none, a command, a service, or one
// of its operations.
func findPage(words []string) (page, error) {
	if len(words) == 0 {
		return topPage(), nil
	}
	service, isService := operation.FindService(words[0])
	command, isCommand := findCommand(words[0], "")
	switch {
	case isService && len(words) == 1:
		return servicePage(service), nil
	case isCommand && !isService:
		return commandPage(command), nil
	case !isService:
		service, _ = operation.FindService(implied)
		words = append([]string{implied}, words...)
	}
	if command, ok := findCommand(words[1], service.Name); ok {
		return commandPage(command), nil
	}
	op, err := service.Find(words[1])
	if err == nil && op == nil {
		err = ParamErrorf("There is no command %s.", strings.Join(words, " "))
	}
	if err != nil {
		return page{}, err
	}
	return operationPage(op), nil
}

func topPage() page {
	p := page{synopsis: "The command line of Larder, and of AWS CodeArtifact.", options: globals()}
	for _, s := range operation.Services() {
		p.commands = append(p.commands, Command{Name: s.Name, Synopsis: "Operations of " + s.Name + "."})
	}
	p.commands = append(p.commands, commands()...)
	return p
}

func servicePage(s operation.Service) page {
	p := page{name: []string{s.Name}, synopsis: "Operations of " + s.Name + "."}
	for _, name := range s.Commands() {
		p.commands = append(p.commands, Command{Name: name})
	}
	for _, c := range commands() {
		if c.Service == s.Name {
			p.commands = append(p.commands, c)
		}
	}
	return p
}

func commandPage(c Command) page {
	return page{name: []string{c.Name}, synopsis: c.Synopsis, options: c.Options}
}

func operationPage(op *operation.Operation) page {
	return page{
		name:     []string{op.Service, operation.Hyphenate(op.Name)},
		synopsis: "Call " + op.Name + " of " + op.Service + ".",
		options:  operationOptions(op),
	}
}

// typed returns an option as it is typed, with what it takes.
func typed(o args.Option) string {
	switch {
	case o.Word:
		return strings.ToUpper(o.Name)
	case o.Kind == args.Flag, o.Kind == args.Unset:
		return "--" + o.Name
	case o.Kind == args.Texts:
		return "--" + o.Name + " VALUE..."
	case o.Kind == args.Maybe:
		return "--" + o.Name + " [" + strings.Join(o.Choices, "|") + "]"
	case o.Choices != nil:
		return "--" + o.Name + " " + strings.Join(o.Choices, "|")
	default:
		return "--" + o.Name + " VALUE"
	}
}

// about returns what is said of an option.
func about(o args.Option) string {
	text := o.Help
	if o.Required {
		text = strings.TrimSpace(text + " Required.")
	}
	return text
}

// printPage prints a page for a terminal.
func (s *Session) printPage(p page) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s - %s\n", strings.Join(append([]string{s.program()}, p.name...), " "), p.synopsis)
	if len(p.options) > 0 {
		b.WriteString("\nOptions:\n")
	}
	for _, o := range p.options {
		if !o.Hidden {
			fmt.Fprintf(&b, "  %s\n      %s\n", typed(o), about(o))
		}
	}
	if len(p.commands) > 0 {
		b.WriteString("\nCommands:\n")
	}
	for _, c := range p.commands {
		fmt.Fprintf(&b, "  %s\n", strings.TrimSpace(fmt.Sprintf("%-24s %s", c.Name, c.Synopsis)))
	}
	if len(p.name) == 0 {
		fmt.Fprintf(&b, "\nThe word %s may be left out before its operations. For a command: %s help COMMAND\n", implied, s.program())
	}
	_, err := s.Stdout.Write([]byte(b.String()))
	return err
}

// manCommand writes man pages.
func manCommand() Command {
	return Command{
		Name: "man", Synopsis: "Write the manual as man pages into a directory.",
		Options: []args.Option{{Name: "directory", Word: true, Required: true, Help: "Where to."}},
		Run: func(_ context.Context, s *Session, v args.Values) error {
			return s.writeManual(v.Text("directory"))
		},
	}
}

func (s *Session) writeManual(dir string) error {
	pages := []page{topPage()}
	for _, c := range commands() {
		pages = append(pages, commandPage(c))
	}
	for _, service := range operation.Services() {
		pages = append(pages, servicePage(service))
		for _, name := range service.Commands() {
			op, err := service.Find(name)
			if err != nil {
				return err
			}
			pages = append(pages, operationPage(op))
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, p := range pages {
		name := strings.Join(append([]string{"larder"}, p.name...), "-")
		if err := os.WriteFile(filepath.Join(dir, name+".1"), []byte(p.man(name)), 0o644); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(s.Stdout, "%d pages\n", len(pages))
	return err
}

// man returns the page as groff reads it.
func (p page) man(name string) string {
	escape := strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n.", "\n\\&.").Replace
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"Larder %s\"\n.SH NAME\n%s \\- %s\n", strings.ToUpper(name), Version, escape(name), escape(p.synopsis))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n[OPTIONS]\n", escape(strings.Join(append([]string{"larder"}, p.name...), " ")))
	if len(p.options) > 0 {
		b.WriteString(".SH OPTIONS\n")
	}
	for _, o := range p.options {
		if !o.Hidden {
			fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", escape(typed(o)), escape(about(o)))
		}
	}
	if len(p.commands) > 0 {
		b.WriteString(".SH COMMANDS\n")
	}
	for _, c := range p.commands {
		fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", escape(c.Name), escape(c.Synopsis))
	}
	return b.String()
}
