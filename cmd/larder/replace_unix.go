//go:build unix

package main

import "syscall"

// replace makes this process another program.
func replace(path string, argv, environ []string) error {
	return syscall.Exec(path, argv, environ) //nolint:gosec // what the user asked for
}
