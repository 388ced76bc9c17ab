package larder_test

import (
	"context"

	"larder.example/larder/internal/client"
	"larder.example/larder/internal/wire"
)

// call returns what a call failed with.
func call[In, Out any](c *client.Client, op wire.Op[In, Out], in *In) error {
	_, err := client.Call(context.Background(), c, op, in)
	return err
}
