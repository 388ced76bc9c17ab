package server

import (
	"maps"
	"path/filepath"
	"testing"
)

func TestWhatWasFoundIsRemembered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", foundFile)
	want := map[string]string{"public:npmjs": "https://npm.test/", "public:pypi": "https://me:hush@pypi.test/simple"}
	if err := writeFound(path, want); err != nil {
		t.Fatal(err)
	}
	if got, err := readFound(path); err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v %v, want %v", got, err, want)
	}
}

func TestWhatALoginWroteIsNoPublicRegistry(t *testing.T) {
	for address, want := range map[string]bool{
		"http://127.0.0.1:8484/npm/d/team-111122223333/app/":                                true,
		"https://team-111122223333.d.codeartifact.us-east-1.amazonaws.com/pypi/app/simple/": true,
		"https://npm.test/":        false,
		"https://npm.test/npm/all": false,
		"://":                      true,
	} {
		if got := isEndpoint(address); got != want {
			t.Errorf("%s: got %v, want %v", address, got, want)
		}
	}
}
