package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"

	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/login"
)

// shells are the forms that variables are printed in, the first of which is
// the default.
var shells = [...]string{"sh", "fish", "powershell", "cmd", "dotenv"}

// environOptions say for what a program's environment is made. The domain and
// the repository may come from the environment themselves, so that a project
// says them once.
func environOptions() []args.Option {
	return append(domainOptions(false),
		args.Option{Name: "repository", Help: "The repository."},
		args.Option{Name: "tool", Kind: args.Texts, Help: "The package managers it is for: " + strings.Join(toolNames(), ", ") + ". All, unless they are named."},
	)
}

func toolNames() []string {
	var names []string
	for _, t := range login.Tools {
		names = append(names, t.Name)
	}
	return names
}

func execCommand() Command {
	return Command{
		Name:     "exec",
		Synopsis: "Run a program with a token in its environment.",
		Options:  environOptions(),
		Program:  true,
		Run:      runExec,
	}
}

func envCommand() Command {
	return Command{
		Name:     "env",
		Synopsis: "Print the environment that exec gives a program.",
		Options:  append(environOptions(), args.Option{Name: "shell", Choices: shells[:], Help: "For which shell."}),
		Run:      runEnv,
	}
}

func runExec(ctx context.Context, s *Session, v args.Values) error {
	argv := v.Texts("--")
	if len(argv) == 0 {
		return ParamErrorf("the program is missing: exec [options] -- PROGRAM [ARGUMENT ...]")
	}
	path, err := program(argv[0])
	if err != nil {
		return err
	}
	added, err := s.variables(ctx, v)
	if err != nil {
		return err
	}
	environ := overridden(s.Environ, added)
	if s.Replace != nil {
		return &Fault{Message: fmt.Sprintf("run %s: %v", argv[0], s.Replace(path, argv, environ)), Exit: exitNotRun}
	}
	cmd := exec.CommandContext(ctx, path, argv[1:]...)
	cmd.Args[0], cmd.Env = argv[0], environ
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.Stdin, s.Stdout, s.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Run(); cmd.ProcessState == nil {
		return &Fault{Message: fmt.Sprintf("run %s: %v", argv[0], err), Exit: exitNotRun}
	}
	if code := cmd.ProcessState.ExitCode(); code != 0 {
		return ended(code)
	}
	return nil
}

// program finds the file of a program.
func program(name string) (string, error) {
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
		return path, nil
	case errors.Is(err, exec.ErrNotFound):
		return "", &Fault{Message: name + " was not found in PATH: install it, or say where it is", Exit: exitNotFound}
	case errors.Is(err, fs.ErrNotExist):
		return "", &Fault{Message: name + " was not found", Exit: exitNotFound}
	}
	return "", &Fault{Message: fmt.Sprintf("%s cannot be run: %v", name, errors.Unwrap(err)), Exit: exitNotRun}
}

// overridden adds variables to an environment, in which each is once: the first
// of several counts for some programs, and the last for others.
func overridden(environ, added []string) []string {
	kept := slices.DeleteFunc(slices.Clone(environ), func(old string) bool {
		name, _, _ := strings.Cut(old, "=")
		return slices.ContainsFunc(added, func(v string) bool { return strings.HasPrefix(v, name+"=") })
	})
	return append(kept, added...)
}

func runEnv(ctx context.Context, s *Session, v args.Values) error {
	added, err := s.variables(ctx, v)
	if err != nil {
		return err
	}
	shell := cmp.Or(v.Text("shell"), shells[0])
	for _, variable := range added {
		name, text, _ := strings.Cut(variable, "=")
		if plainName(name) {
			fmt.Fprintln(s.Stdout, assignment(shell, name, text))
		}
	}
	return nil
}

// assignment spells an exported variable for a shell.
func assignment(shell, name, text string) string {
	switch shell {
	case "fish":
		return "set -gx " + name + " '" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
	case "powershell":
		// To PowerShell, typographic quotes are quotes.
		return "$env:" + name + " = '" + strings.NewReplacer("'", "''", "‘", "‘‘", "’", "’’", "‚", "‚‚", "‛", "‛‛").Replace(text) + "'"
	case "cmd":
		return `set "` + name + "=" + strings.ReplaceAll(text, "%", "%%") + `"`
	case "dotenv":
		if strings.Contains(text, "'") {
			return name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`).Replace(text) + `"`
		}
		return name + `='` + text + `'`
	default:
		return "export " + name + "='" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
}

// plainName reports whether a shell can set a variable: programs can have
// others too.
func plainName(name string) bool {
	for i, c := range name {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// variables returns what is added to an environment, each once.
func (s *Session) variables(ctx context.Context, v args.Values) ([]string, error) {
	p := place{
		domain:     cmp.Or(v.Text("domain"), s.Getenv("LARDER_DOMAIN")),
		owner:      cmp.Or(v.Text("domain-owner"), s.Getenv("LARDER_DOMAIN_OWNER")),
		repository: cmp.Or(v.Text("repository"), s.Getenv("LARDER_REPOSITORY")),
	}
	if p.domain == "" || p.repository == "" {
		return nil, ParamErrorf("the following arguments are required: --domain, --repository")
	}
	tools, err := chosen(v.Texts("tool"))
	if err != nil {
		return nil, err
	}
	c, err := s.registry(ctx, "")
	if err != nil {
		return nil, err
	}
	where, err := c.endpoints(ctx, p, tools)
	if err != nil {
		return nil, err
	}
	g, err := s.grant(ctx, c, p, where[tools[0].Format])
	if err != nil {
		return nil, err
	}
	var found []string
	for _, t := range tools {
		for _, variable := range t.Environ(&login.Request{
			Domain: p.domain, Repository: p.repository, Endpoint: where[t.Format], Token: g.Token, Expires: g.Expires,
		}) {
			if !slices.Contains(found, variable) {
				found = append(found, variable)
			}
		}
	}
	return found, nil
}

func chosen(names []string) ([]login.Tool, error) {
	if len(names) == 0 {
		return login.Tools[:], nil
	}
	var tools []login.Tool
	for _, name := range names {
		t, found := login.Find(name)
		if !found {
			return nil, ParamErrorf("argument --tool: there is no package manager called %s here, but %s", name, strings.Join(toolNames(), ", "))
		}
		tools = append(tools, t)
	}
	return tools, nil
}
