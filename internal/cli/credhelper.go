package cli

import (
	"context"
	"errors"
	"strings"

	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/helper"
)

// helperCommand answers package managers that ask a program for a password.
func helperCommand() Command {
	var names []string
	for _, f := range helper.Faces() {
		names = append(names, f.Name)
	}
	return Command{
		Name:     "credential-helper",
		Synopsis: "Answer a package manager that asks for a password.",
		Loose:    true,
		Options: append([]args.Option{
			{Name: "protocol", Word: true, Required: true, Choices: names, Help: "Who asks."},
		}, domainOptions(false)...),
		Run: runHelper,
	}
}

// domainOptions say which domain it is about.
func domainOptions(required bool) []args.Option {
	return []args.Option{
		{Name: "domain", Required: required, Help: "The domain."},
		{Name: "domain-owner", Help: "The account that the domain belongs to."},
	}
}

func runHelper(ctx context.Context, s *Session, v args.Values) error {
	face, _ := helper.Find(v.Text("protocol"))
	call := helper.Call{
		Args: v.Texts("rest"), Getenv: s.Getenv, Stdin: s.Stdin, Stdout: s.Stdout,
		Source: helper.Source{
			Credential: func(ctx context.Context, address string) (helper.Credential, error) {
				g, err := s.grantOf(ctx, placeOf(v), address)
				return helper.Credential{Token: g.Token, Expires: g.Expires}, err
			},
			Refused: func(ctx context.Context, address string) error {
				g, err := s.grantOf(ctx, placeOf(v), address)
				if errors.Is(err, helper.ErrElsewhere) {
					return nil
				}
				if err != nil {
					return err
				}
				return s.tokens().Forget(g.key, g.Token)
			},
		},
	}
	if n := len(call.Args); n > 0 && strings.Contains(call.Args[n-1], "://") {
		call.Address = call.Args[n-1]
	}
	err := face.Serve(ctx, &call)
	if errors.Is(err, helper.ErrNone) {
		return ended(1)
	}
	return err
}

// grantOf returns a token for an address, or for the domain that the command
// line names where the protocol names no address.
func (s *Session) grantOf(ctx context.Context, p place, address string) (grant, error) {
	if address != "" || p.domain == "" {
		return s.grantFor(ctx, address)
	}
	c, err := s.registry(ctx, "")
	if err != nil {
		return grant{}, err
	}
	return s.grant(ctx, c, p, "")
}

// asHelper returns the command line of a program that is called by a name of
// its own, or as cargo calls one, because package managers take no arguments
// in what they call.
func asHelper(program string, words []string) []string {
	if name, ok := strings.CutPrefix(program, "larder-credential-"); ok {
		return append([]string{"credential-helper", name}, words...)
	}
	switch {
	case program == "nuget-plugin-larder", program == "CredentialProvider.Larder":
		return append([]string{"credential-helper", "nuget"}, words...)
	case len(words) == 1 && words[0] == "--cargo-plugin":
		return []string{"credential-helper", "cargo", words[0]}
	}
	return words
}
