package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"larder.example/larder/internal/testenv/clients"
)

// mayInstall says why Debian's packages cannot be installed for something that
// the machine has not, if they cannot.
func mayInstall(something string, packages ...string) error {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("this machine has not %s, and no apt-get to install it: install it by hand", something)
	}
	if os.Geteuid() != 0 {
		return fmt.Errorf(`this machine has not %s: run "sudo apt-get install %s"`, something, strings.Join(packages, " "))
	}
	return nil
}

// aptGet installs Debian's packages.
func aptGet(ctx context.Context, packages ...string) error {
	options := []string{
		"-q", "-y", "--no-install-recommends",
		"-o", "Dpkg::Options::=--force-confold", // a file that is there is the one to keep
		"-o", "DPkg::Lock::Timeout=300", // another step may be installing
	}
	for _, args := range [][]string{
		{"update", "-q"},
		append(append([]string{"install"}, options...), packages...),
	} {
		cmd := command(ctx, "apt-get", args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if err := silent(cmd); err != nil {
			return err
		}
	}
	return nil
}

// setUpJava installs Debian's JDK and Maven where there are none: Maven's kin
// run on the one and are fetched by the other.
func setUpJava(ctx context.Context) error {
	return setUpPrograms(ctx, []string{"javac", "mvn"}, "default-jdk-headless", "maven")
}

// setUpRuby installs Debian's gem and Bundler where there are none.
func setUpRuby(ctx context.Context) error {
	return setUpPrograms(ctx, []string{"gem", "bundle"}, "ruby", "bundler")
}

// setUpPrograms installs packages unless the machine has all the programs.
func setUpPrograms(ctx context.Context, programs []string, packages ...string) error {
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			if err := mayInstall(name, packages...); err != nil {
				return err
			}
			return aptGet(ctx, packages...)
		}
	}
	return nil
}

// setUpRust installs Debian's newest cargo where there is none that is new
// enough.
func setUpRust(ctx context.Context) error {
	if _, err := clients.Rust(ctx); err == nil {
		return nil
	}
	const newest = "cargo-web"
	if err := mayInstall("a cargo that asks for credentials", newest); err != nil {
		return err
	}
	return aptGet(ctx, newest)
}
