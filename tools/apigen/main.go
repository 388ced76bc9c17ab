// Apigen writes the wire contract of a service: from the model.json of a
// directory it makes ops.gen.go, a value per operation, and types.gen.go, the
// structs that operations take and answer. Constraints become tags, which
// internal/wire binds and checks by. Of a service of our own it also makes
// service-2.json, from which AWS's command line learns it.
//
// A construct that it does not know is an error, never a guess.
//
//	go run ./tools/apigen internal/api/codeartifact
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: apigen DIRECTORY...")
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	for _, dir := range flag.Args() {
		if err := write(dir); err != nil {
			fmt.Fprintln(os.Stderr, "apigen:", err)
			os.Exit(1)
		}
	}
}

func write(dir string) error {
	files, err := generate(dir)
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generate returns the files that belong into dir.
func generate(dir string) (map[string][]byte, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "model.json"))
	if err != nil {
		return nil, err
	}
	m, err := parseModel(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	ops, err := emitOps(m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	types, err := emitTypes(m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	files := map[string][]byte{"ops.gen.go": ops, "types.gen.go": types}
	if m.Botocore {
		if files["service-2.json"], err = emitBotocore(m); err != nil {
			return nil, fmt.Errorf("%s: %w", dir, err)
		}
	}
	return files, nil
}
