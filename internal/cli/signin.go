package cli

import (
	"bytes"
	"context"
	"os/exec"
	"runtime"

	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/cache"
	"larder.example/larder/internal/cli/login"
	"larder.example/larder/internal/cli/value"
)

// loginCommand points a package manager at a repository. Its options are the
// AWS CLI's, in its order, which messages have too.
func loginCommand() Command {
	return Command{
		Name:     "login",
		Service:  implied,
		Synopsis: "Point a package manager at a repository and give it a token.",
		Options: []args.Option{
			{Name: "tool", Required: true, Choices: toolNames(), Help: "The package manager."},
			{Name: "domain", Required: true, Help: "The domain of the repository."},
			{Name: "domain-owner", Help: "The account that the domain belongs to."},
			{Name: "namespace", Help: "Use the repository for this scope only (npm and its like, swift)."},
			{Name: "duration-seconds", Help: "How long the token lives: 900 to 43200, or 0 for as long as the session."},
			{Name: "repository", Required: true, Help: "The repository."},
			{Name: "endpoint-type", Help: "ipv4 or dualstack."},
			{Name: "dry-run", Kind: args.Flag, Help: "Say what would be done, the token included."},
		},
		Run: runLogin,
	}
}

func runLogin(ctx context.Context, s *Session, v args.Values) error {
	tool, _ := login.Find(v.Text("tool"))
	duration, err := seconds(v)
	if err != nil {
		return err
	}
	where := placeOf(v)
	c, err := s.registry(ctx, "")
	if err != nil {
		return err
	}
	granted, err := c.authorize(ctx, where, duration)
	if err != nil {
		return err
	}
	endpoint, err := c.endpoint(ctx, where, string(tool.Format))
	if err != nil {
		return err
	}
	if !v.Set("dry-run") {
		if err := s.tokens().Note(granted.Token, cache.Noted{Address: endpoint, Expires: granted.Expires}); err != nil { // for the doctor
			return err
		}
	}
	return tool.Do(ctx, s.host(), &login.Request{
		Domain: where.domain, Repository: where.repository,
		Namespace: v.Text("namespace"), Scoped: v.Given("namespace"),
		Endpoint: endpoint, Token: granted.Token, Expires: granted.Expires.In(s.zone()),
		DryRun: v.Set("dry-run"),
	})
}

// seconds reads how long a token is to live; nil is the service's default.
// The AWS CLI takes 0 for that too, against its own documentation; see
// docs/differences.md.
func seconds(v args.Values) (any, error) {
	if !v.Given("duration-seconds") {
		return nil, nil //nolint:nilnil // there is none
	}
	n, ok := value.Int(v.Text("duration-seconds"))
	if !ok {
		return nil, errorText("invalid literal for int() with base 10: %s", value.Repr(v.Text("duration-seconds")))
	}
	return n, nil
}

// host is the machine as package managers find it.
func (s *Session) host() *login.Host {
	return &login.Host{
		OS: runtime.GOOS, Home: s.Home(), Getenv: s.Getenv,
		Stdout: s.Stdout, Stderr: s.Stderr, Now: s.now(),
		Run: func(ctx context.Context, dir string, environ, argv []string) ([]byte, []byte, error) {
			var stdout, stderr bytes.Buffer
			cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
			cmd.Dir, cmd.Env = dir, append(append([]string{}, s.Environ...), environ...)
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			err := cmd.Run()
			return stdout.Bytes(), stderr.Bytes(), err
		},
	}
}
