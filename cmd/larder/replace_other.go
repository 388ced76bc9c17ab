//go:build !unix

package main

// replace is nil where a process cannot become another program.
var replace func(path string, argv, environ []string) error
