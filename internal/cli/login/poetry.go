package login

import "context"

// poetry decides between a keyring and a file, and whose names it knows a
// project must use: in [[tool.poetry.source]] and with publish --repository.
func poetry(_ context.Context, _ *Host, r *Request) ([]act, error) {
	return []act{
		{argv: []string{"poetry", "config", "repositories." + r.label(), r.Endpoint}},
		{argv: []string{"poetry", "config", "http-basic." + r.label(), "aws", r.Token}},
	}, nil
}
