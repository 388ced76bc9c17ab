package login

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"larder.example/larder"
)

// Request is what a package manager is to be told.
type Request struct {
	Domain, Repository string

	Namespace string
	Scoped    bool // a namespace was given, though it may be empty

	Endpoint string // as GetRepositoryEndpoint has it, with the slash at its end
	Token    string
	Expires  time.Time

	DryRun bool
}

// Host is the machine that a login changes.
type Host struct {
	OS     string // as runtime.GOOS has it
	Home   string
	Getenv func(string) string
	Stdout io.Writer
	Stderr io.Writer
	Now    time.Time

	// Run runs a program in a directory with variables added to its
	// environment.
	Run func(ctx context.Context, dir string, environ, argv []string) (stdout, stderr []byte, err error)
}

// Tool is a row of the table.
type Tool struct {
	Name   string
	Format larder.Format // whose endpoint it is told

	namespaces bool   // it can be told to use a repository for one namespace only
	called     string // in what is said at the end; empty is Name
	plan       func(context.Context, *Host, *Request) ([]act, error)
	environ    func(*Request) []string // nil: there are no variables for it
}

// Tools holds a row for each package manager: first those of the AWS CLI, in
// its order.
var Tools = [...]Tool{
	{Name: "swift", Format: larder.Swift, namespaces: true, plan: swift},
	{Name: "nuget", Format: larder.NuGet, plan: nuget, environ: nugetEnviron},
	{Name: "dotnet", Format: larder.NuGet, called: "nuget", plan: dotnet, environ: nugetEnviron},
	{Name: "npm", Format: larder.NPM, namespaces: true, plan: npm, environ: npmEnviron},
	{Name: "pip", Format: larder.PyPI, plan: pip, environ: pipEnviron},
	{Name: "twine", Format: larder.PyPI, plan: twine, environ: twineEnviron},
	{Name: "pnpm", Format: larder.NPM, namespaces: true, plan: pnpm, environ: pnpmEnviron},
	{Name: "yarn", Format: larder.NPM, namespaces: true, plan: yarn, environ: yarnEnviron},
	{Name: "bun", Format: larder.NPM, namespaces: true, plan: bun, environ: bunEnviron},
	{Name: "uv", Format: larder.PyPI, plan: uv, environ: uvEnviron},
	{Name: "poetry", Format: larder.PyPI, plan: poetry, environ: poetryEnviron},
	{Name: "maven", Format: larder.Maven, plan: maven},
	{Name: "gradle", Format: larder.Maven, plan: gradle, environ: gradleEnviron},
	{Name: "sbt", Format: larder.Maven, plan: sbt, environ: sbtEnviron},
	{Name: "cargo", Format: larder.Cargo, plan: cargo, environ: cargoEnviron},
	{Name: "gem", Format: larder.Ruby, plan: gem, environ: gemEnviron},
	{Name: "bundler", Format: larder.Ruby, plan: bundler, environ: bundlerEnviron},
}

// Find returns the row of a package manager.
func Find(name string) (Tool, bool) {
	for _, t := range Tools {
		if t.Name == name {
			return t, true
		}
	}
	return Tool{}, false
}

// Do logs t in, or says what that would do. What was changed before a failure
// stays so, as with the AWS CLI.
func (t Tool) Do(ctx context.Context, h *Host, r *Request) error {
	if !t.namespaces && r.Namespace != "" {
		return says("Argument --namespace is not supported for %s", t.Name)
	}
	acts, err := t.plan(ctx, h, r)
	if err != nil {
		return err
	}
	for _, a := range acts {
		if r.DryRun {
			err = a.show(h)
		} else {
			err = a.do(ctx, h, r)
		}
		if err != nil {
			return err
		}
	}
	if !r.DryRun {
		t.report(h, r)
	}
	return nil
}

// report says that it is done, in the AWS CLI's words and with the blank that
// it has at the end of the first line.
func (t Tool) report(h *Host, r *Request) {
	name := t.called
	if name == "" {
		name = t.Name
	}
	fmt.Fprintf(h.Stdout, "Successfully configured %s to use AWS CodeArtifact repository %s \n", name, r.Endpoint)
	fmt.Fprintf(h.Stdout, "Login expires in %s at %s\n", span(h.Now, r.Expires), instant(r.Expires))
}

// act is one thing that a login does: it runs a program, or it changes a file.
type act struct {
	argv   []string
	try    bool     // the program may fail, if it is there at all
	quiet  bool     // show one newline behind the command, and not two
	done   string   // what to say when it has succeeded
	failed string   // what to say first when it has not
	secret []string // files with the token in them that the program may leave for all to read

	path string
	edit func(old []byte) ([]byte, error)
	told func(h *Host, old, changed []byte) // what a dry run says of a file; nil says which lines would change
}

func (a act) show(h *Host) error {
	if a.path == "" {
		a.showCommand(h)
		return nil
	}
	old, changed, err := a.change()
	if err != nil {
		return err
	}
	tell := a.told
	if tell == nil {
		tell = a.tellLines
	}
	tell(h, old, changed)
	return nil
}

func (a act) do(ctx context.Context, h *Host, r *Request) error {
	if a.path == "" {
		return a.run(ctx, h, r)
	}
	_, changed, err := a.change()
	if err != nil {
		return err
	}
	return write(a.path, changed)
}

// change returns what the file is and what it is to be.
func (a act) change() (old, changed []byte, err error) {
	old, err = os.ReadFile(a.path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, nil, err
	}
	changed, err = a.edit(old)
	return old, changed, err
}

// tellLines shows the new lines only: the others may hold secrets that are
// none of ours.
func (a act) tellLines(h *Host, old, changed []byte) {
	fmt.Fprintf(h.Stdout, "Dryrun mode is enabled, not writing to %s.\n", a.path)
	fmt.Fprintf(h.Stdout, "The following lines would have been written:\n\n%s\n", difference(old, changed))
}

// said is a failure in the words of the AWS CLI, or of Python, which are
// capitalized and punctuated as they are.
type said string

func says(format string, args ...any) error { return said(fmt.Sprintf(format, args...)) }

func (s said) Error() string { return string(s) }
