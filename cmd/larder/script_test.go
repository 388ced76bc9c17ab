package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"larder.example/larder/internal/testenv/story"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"larder": main})
}

func TestStories(t *testing.T) { story.Run(t, "testdata/script") }
