//go:build unix

package cli_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"larder.example/larder/internal/testenv"
)

// A named pipe that nobody writes to cannot be read to its end.
func TestAuthoritiesAreNotReadForPlainHTTP(t *testing.T) {
	e := testenv.New(t)
	pipe := filepath.Join(t.TempDir(), "authorities.pem")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := larder(t, e, "get-authorization-token --domain team", "AWS_CA_BUNDLE="+pipe); got.code != 0 {
		t.Errorf("got %+v", got)
	}
}
