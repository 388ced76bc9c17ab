package login

import "context"

// pip writes the file itself, with the token in the URL and readable by
// everyone; see chmod.
func pip(_ context.Context, _ *Host, r *Request) ([]act, error) {
	return []act{{argv: []string{"pip", "config", "set", "global.index-url", parse(r.Endpoint).with("aws", r.Token) + "simple/"}}}, nil
}
