package main

import (
	"context"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"larder.example/larder/internal/server"
	"larder.example/larder/internal/testenv/story"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"larder": main, "larderd": serve, "front": frontMain})
}

func serve() {
	os.Exit(server.Main(context.Background(), os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

func TestStories(t *testing.T) { story.Run(t, "testdata/script") }
