// Larderd is the server of Larder, a package registry that answers as AWS
// CodeArtifact does.
package main

import (
	"context"
	"os"

	"larder.example/larder/internal/server"
)

func main() {
	os.Exit(server.Main(context.Background(), os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}
