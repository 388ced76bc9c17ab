// Go-sdk is a user of the AWS SDK for Go v2: it takes what the service
// answers apart and fails where that is not what AWS would have said. Its
// module is its own, so that the SDK stays out of the server's.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	c, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	if err := registry(ctx, c); err != nil {
		return fmt.Errorf("registry: %w", err)
	}
	if err := users(ctx, c); err != nil {
		return fmt.Errorf("users: %w", err)
	}
	if err := sessions(ctx, c); err != nil {
		return fmt.Errorf("sessions: %w", err)
	}
	if err := replay(ctx, c); err != nil {
		return fmt.Errorf("terraform: %w", err)
	}
	return nil
}
