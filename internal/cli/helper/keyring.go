package helper

import (
	"context"
	"errors"
	"fmt"
)

// keyring answers as the program of that name does to pip and uv: the
// password on a line, or nothing and a failure.
func keyring(ctx context.Context, c *Call) error {
	if len(c.Args) < 2 || len(c.Args) > 3 || c.Args[0] != "get" {
		return errors.New("want: get SERVICE [USER]")
	}
	cred, err := c.Source.Credential(ctx, c.Args[1])
	if errors.Is(err, ErrElsewhere) {
		return ErrNone
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.Stdout, cred.Token)
	return err
}
