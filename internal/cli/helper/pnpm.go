package helper

import (
	"context"
	"fmt"
)

// pnpm takes the whole header, and says nothing of what it is for.
func pnpm(ctx context.Context, c *Call) error {
	cred, err := c.Source.Credential(ctx, c.Address)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.Stdout, "Bearer "+cred.Token)
	return err
}
