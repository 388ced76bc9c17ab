package helper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

type bazelAnswer struct {
	Headers map[string][]string `json:"headers,omitempty"`
	Expires string              `json:"expires,omitempty"`
}

// bazelLongest is how long a request may be.
const bazelLongest = 1 << 20

// bazel answers one request [EngFlow's credential helper specification, which
// is Bazel's]. For an address of others it has no headers.
func bazel(ctx context.Context, c *Call) error {
	if len(c.Args) != 1 || c.Args[0] != "get" {
		return errors.New("want: get")
	}
	var r struct {
		URI string `json:"uri"`
	}
	if err := json.NewDecoder(io.LimitReader(c.Stdin, bazelLongest)).Decode(&r); err != nil {
		return fmt.Errorf("read Bazel's request: %w", err)
	}
	var a bazelAnswer
	cred, err := c.Source.Credential(ctx, r.URI)
	switch {
	case err == nil:
		a.Headers = map[string][]string{"Authorization": {"Bearer " + cred.Token}}
		if !cred.Expires.IsZero() {
			a.Expires = cred.Expires.UTC().Format(time.RFC3339)
		}
	case !errors.Is(err, ErrElsewhere):
		return err
	}
	return json.NewEncoder(c.Stdout).Encode(a)
}
