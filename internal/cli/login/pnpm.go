package login

import "context"

// pnpm knows where it keeps what: that has changed between its majors.
func pnpm(_ context.Context, _ *Host, r *Request) ([]act, error) {
	registry, err := npmRegistry(r)
	if err != nil {
		return nil, err
	}
	return []act{
		{argv: []string{"pnpm", "config", "set", registry, r.Endpoint}},
		{argv: []string{"pnpm", "config", "set", npmAuth(r, "_authToken"), r.Token}},
	}, nil
}
