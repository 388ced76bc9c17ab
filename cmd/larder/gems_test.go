package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
)

// gems is as much of a registry as gem needs to push and to install, and
// Bundler: the files that "gem generate_index" makes.
type gems struct{ dir string }

func (g *gems) routes(f *front) {
	const at = "/ruby/d/{domain}/{repository}/"
	f.handle("GET "+at+"{path...}", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, os.DirFS(g.dir), r.PathValue("path"))
	})
	f.handle("POST "+at+"api/v1/gems", g.push)
}

func (g *gems) push(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = os.MkdirAll(filepath.Join(g.dir, "gems"), 0o700)
	}
	if err == nil {
		// The file's name is that of its specification, which an index names.
		err = os.WriteFile(filepath.Join(g.dir, "gems", "thing-1.0.0.gem"), body, 0o600)
	}
	if err == nil {
		var out []byte
		if out, err = exec.CommandContext(r.Context(), "gem", "generate_index", "-d", g.dir).CombinedOutput(); err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprint(w, "Successfully registered gem: thing (1.0.0)")
}
