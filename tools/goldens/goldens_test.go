package main

import (
	"os"
	"path/filepath"
	"testing"

	"larder.example/larder/internal/testenv/clients"
)

// A handful of what was recorded is what the AWS CLI does here and now.
func TestTheAWSCLIStillDoesWhatWasRecorded(t *testing.T) {
	aws := filepath.Join(clients.Dir(t, "aws2"), "bin", "aws")
	t.Chdir("../..")
	for _, group := range []struct {
		name  string
		every int // so that a few are run
	}{{"page", 40}, {"param", 60}, {"error", 40}} {
		home := filepath.Join(t.TempDir(), group.name)
		if err := os.MkdirAll(home, 0o700); err != nil {
			t.Fatal(err)
		}
		r := &recorder{aws: aws, home: home, slots: make(chan struct{}, 1)}
		for _, err := range r.check(t.Context(), group.name, group.every) {
			t.Error(err)
		}
	}
}
