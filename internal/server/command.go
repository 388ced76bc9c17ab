package server

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"larder.example/larder/internal/api/larder"
	"larder.example/larder/internal/config"
)

// Main runs larderd with the arguments behind its name and returns the exit
// status.
func Main(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	name, args := commandName(args)
	words, args := operands(name, args)
	commands := map[string]func(context.Context, *config.Config, io.Writer, io.Writer) error{
		"serve": serve, "quickstart": quickstart, "config": printConfig, "account create": createAccount, "model": printModel,
		"export": exporter(words), "import": importer(words),
	}
	run, ok := commands[name]
	switch {
	case name == "help" || name == "-h" || name == "--help":
		io.WriteString(stdout, usage) //nolint:errcheck // nobody is listening
		return 0
	case !ok:
		if name != "" {
			fmt.Fprintf(stderr, "larderd: there is no command called %s\n\n", name)
		}
		io.WriteString(stderr, usage) //nolint:errcheck // nobody is listening
		return 2
	}
	c, err := config.Load("larderd "+name, args, getenv, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintf(stderr, "larderd %s: %v\n", name, err)
		return 2
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, c, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "larderd %s: %v\n", name, err)
		return 1
	}
	return 0
}

// commandName takes a command's name, of one or two words, off the arguments.
func commandName(args []string) (string, []string) {
	switch {
	case len(args) == 0:
		return "", nil
	case args[0] == "account" && len(args) > 1:
		return args[0] + " " + args[1], args[2:]
	}
	return args[0], args[1:]
}

// operands takes what comes before the settings off the arguments of a command
// that has operands.
func operands(name string, args []string) (words, rest []string) {
	if name != "export" && name != "import" {
		return nil, args
	}
	i := 0
	for i < len(args) && !strings.HasPrefix(args[i], "-") {
		i++
	}
	return args[:i], args[i:]
}

const usage = `usage: larderd COMMAND [--SETTING VALUE ...]

  quickstart      make an account, a domain, a repository and a user, then serve
  serve           serve; on an empty store, make an account and root's access key
  account create  make an account and root's access key, while nobody serves
  export FILE REPOSITORY...
                  write repositories, each as DOMAIN/NAME, to an archive, while nobody serves
  import FILE DOMAIN
                  take such an archive into a domain, while nobody serves
  config          print each setting, its value and where it came from
  model           print the model from which AWS's command line learns "aws larder":
                  aws configure add-model --service-name larder --service-model "$(larderd model)"

larderd COMMAND --help lists the settings.
`

func printConfig(_ context.Context, c *config.Config, stdout, _ io.Writer) error {
	return c.Print(stdout)
}

func printModel(_ context.Context, _ *config.Config, stdout, _ io.Writer) error {
	_, err := io.WriteString(stdout, larder.Botocore)
	return err
}

// createAccount makes the first account of an empty store, or a further one.
// While larderd serves, the data directory is its own; then who may makes
// accounts by asking it.
func createAccount(ctx context.Context, c *config.Config, stdout, stderr io.Writer) (err error) {
	log, flush := newLog(c, stderr)
	defer flush()
	s, err := Open(ctx, c, log, nil)
	if errors.Is(err, errInUse) {
		return fmt.Errorf("%w; or ask it: aws larder create-account", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	a, path, err := s.openAccount(ctx, "", s.base(c.Listen))
	if err == nil {
		_, err = fmt.Fprintf(stdout, "Made account %s. Root's access key is in %s, and nowhere else.\n", a.ID, path)
	}
	return err
}

func serve(ctx context.Context, c *config.Config, stdout, stderr io.Writer) error {
	return run(ctx, c, stderr, func(ctx context.Context, s *Server, base string) error {
		path, err := s.Begin(ctx, base)
		if err == nil && path != "" {
			_, err = fmt.Fprintf(stdout, "Made an account. Root's access key is in %s, and nowhere else.\n", path)
		}
		return err
	})
}

func quickstart(ctx context.Context, c *config.Config, stdout, stderr io.Writer) error {
	if c.Discover {
		if err := discover(ctx, c); err != nil {
			return err
		}
	}
	return run(ctx, c, stderr, func(ctx context.Context, s *Server, base string) error {
		q, err := s.Quickstart(ctx, base)
		if err != nil {
			return err
		}
		state := "made"
		if !q.Fresh {
			state = "found"
		}
		public := "nothing: set LARDER_CONNECTION_PUBLIC_NPMJS and its like"
		if q.Public != "" {
			public = q.Public
		}
		_, err = fmt.Fprintf(stdout, `Larder is serving on %s, with what it %s:
  account      %s
  domain       %s
  repository   %s
  upstream     %s
  IAM user     %s (AdministratorAccess)
  access key   in %s
Try next, in another shell:
  . %[8]s
  aws codeartifact login --tool npm --domain %[4]s --repository %[5]s
  npm publish
`, base, state, q.Account, q.Domain, q.Repository, public, q.User, shellPath(q.Env))
		return err
	})
}

// shellPath returns a path as a shell's dot command finds it.
func shellPath(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return "." + string(filepath.Separator) + path
}

// run opens the registry and serves it until ctx ends. started is called once
// requests are accepted.
func run(ctx context.Context, c *config.Config, stderr io.Writer, started func(context.Context, *Server, string) error) (err error) {
	ballast := make([]byte, ballastSize)
	defer runtime.KeepAlive(ballast)
	log, flush := newLog(c, stderr)
	defer flush()
	s, err := Open(ctx, c, log, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.Run(ctx, func(base string) error { return started(ctx, s, base) })
}

// ballastSize is memory that is never touched, and so never there, but counts
// for the pace of the garbage collector: a registry at rest has a heap so
// small that it would be collected for every two thousand requests.
const ballastSize = 32 << 20

// newLog returns the logger that the configuration asks for, whose lines are
// written within a fifth of a second, and what writes the last of them.
func newLog(c *config.Config, w io.Writer) (*slog.Logger, func()) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		level = slog.LevelInfo // config has checked it
	}
	b := newBuffer(w)
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(b, &slog.HandlerOptions{Level: level})), b.close
	}
	return slog.New(&textLog{level: level, to: b}), b.close
}
