package cli

import (
	"context"
	"strings"

	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/output"
	"larder.example/larder/internal/cli/value"
)

// cmdletCommand does what the cmdlet of contrib/powershell does, but for what
// only PowerShell can: the module passes its parameters on and makes objects
// of the JSON that is printed.
func cmdletCommand() Command {
	return Command{
		Name: "cmdlet", Synopsis: "Do what a cmdlet of the PowerShell module does, and print JSON.",
		Options: []args.Option{
			{Name: "cmdlet", Word: true, Required: true, Choices: []string{tokenCmdlet}, Help: "Which."},
			{Name: "domain", Required: true, Help: "The domain."},
			{Name: "domain-owner", Help: "The account that the domain belongs to."},
			{Name: "duration-seconds", Help: "How long the token lives."},
			{Name: "select", Help: "'*' for all, the name of a property, or '^' and the name of a parameter."},
		},
		Run: runCmdlet,
	}
}

const tokenCmdlet = "get-ca-authorization-token"

func runCmdlet(ctx context.Context, s *Session, v args.Values) error {
	params := value.NewObject(value.Member{Key: "domain", Value: v.Text("domain")})
	if owner := v.Text("domain-owner"); owner != "" {
		params.Set("domainOwner", owner)
	}
	if text := v.Text("duration-seconds"); text != "" {
		n, ok := value.Int(text)
		if !ok {
			return badInt(text)
		}
		params.Set("durationSeconds", n)
	}
	selected := v.Text("select")
	if name, ok := strings.CutPrefix(selected, "^"); ok {
		// What is asked for is known before the call, and the call is made
		// all the same, as the AWS Tools for PowerShell do.
		chosen, err := property(parametersOf(v), name)
		if err != nil {
			return err
		}
		if _, err := s.Call(ctx, implied, "GetAuthorizationToken", params); err != nil {
			return err
		}
		return output.JSON(s.Stdout, chosen)
	}
	answer, err := s.Call(ctx, implied, "GetAuthorizationToken", params)
	if err != nil {
		return err
	}
	all := new(value.Object)
	for _, m := range answer.Members() {
		all.Set(strings.ToUpper(m.Key[:1])+m.Key[1:], m.Value)
	}
	if selected == "" || selected == "*" {
		return output.JSON(s.Stdout, all)
	}
	chosen, err := property(all, selected)
	if err != nil {
		return err
	}
	return output.JSON(s.Stdout, chosen)
}

// parametersOf returns the parameters as the cmdlet calls them.
func parametersOf(v args.Values) *value.Object {
	o := new(value.Object)
	for _, p := range [...]struct{ name, option string }{
		{"Domain", "domain"}, {"DomainOwner", "domain-owner"}, {"DurationSecond", "duration-seconds"}, {"DurationSeconds", "duration-seconds"},
	} {
		var given any
		if v.Given(p.option) {
			given = v.Text(p.option)
		}
		o.Set(p.name, given)
	}
	return o
}

// property returns what is called so, in any case: PowerShell does not tell
// cases apart.
func property(o *value.Object, name string) (any, error) {
	for _, m := range o.Members() {
		if strings.EqualFold(m.Key, name) {
			return m.Value, nil
		}
	}
	return nil, ParamErrorf("Invalid value for -Select parameter: there is no %s.", name)
}
