package clients

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// oldestCargo is the minor version from which on cargo asks a program for
// credentials.
const oldestCargo = 74

// Rust returns the directory of the machine's toolchain, in whose bin cargo
// and rustc are. rustup's programs of that name choose one by what they find
// in the home directory, which a story has another of.
func Rust(ctx context.Context) (string, error) {
	cargo, err := fromRustup(ctx)
	if err != nil {
		if cargo, err = exec.LookPath("cargo"); err != nil {
			return "", err
		}
	}
	out, err := run(ctx, "", cargo, "--version")
	if err != nil {
		return "", err
	}
	version := regexp.MustCompile(`^cargo 1\.(\d+)\.`).FindStringSubmatch(out)
	if version == nil {
		return "", fmt.Errorf("%s --version: %q", cargo, out)
	}
	if minor, err := strconv.Atoi(version[1]); err != nil || minor < oldestCargo {
		return "", fmt.Errorf("%s is of version 1.%s, and 1.%d is needed", cargo, version[1], oldestCargo)
	}
	return filepath.Dir(filepath.Dir(cargo)), nil
}

func fromRustup(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, "rustup", "which", "cargo")
	cmd.Env = os.Environ()
	if u, err := user.Current(); err == nil && os.Getenv("RUSTUP_HOME") == "" {
		cmd.Env = append(cmd.Env, "RUSTUP_HOME="+filepath.Join(u.HomeDir, ".rustup")) // whatever HOME is
	}
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}

func linkRust(ctx context.Context, dir string) error {
	toolchain, err := Rust(ctx)
	if err != nil {
		return err
	}
	return os.Symlink(toolchain, filepath.Join(dir, "toolchain"))
}
