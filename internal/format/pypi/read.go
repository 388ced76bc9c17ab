package pypi

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// closed reports whether a page was asked for by an address that ends in a
// slash, which its relative links need. Where not, it redirects to the last
// segment with one: relative too, for a proxy may have changed what comes
// before.
func closed(x *format.Exchange, segment string) bool {
	if strings.HasSuffix(x.R.URL.Path, "/") {
		return true
	}
	x.W.Header().Set("Location", segment+"/")
	x.W.WriteHeader(http.StatusMovedPermanently)
	return false
}

// getPage answers with a project's page.
func getPage(x *format.Exchange) error {
	if !closed(x, x.Package.Name) {
		return nil
	}
	kind, err := negotiate(x.R.Header)
	if err != nil {
		return err
	}
	return x.Render(kind, contentType(kind), func(ctx context.Context, w io.Writer) (string, error) {
		pkg, err := x.Registry.Package(ctx, x.Package)
		if err != nil {
			return "", err
		}
		p, err := newPage(pkg, x.Base)
		if err != nil {
			return "", err
		}
		if kind == jsonV1 {
			return p.stamp, p.writeJSON(w)
		}
		return p.stamp, p.writeHTML(w)
	})
}

// contentType is what a page of that media type is sent as.
func contentType(kind string) string {
	if kind == textHTML {
		return kind + "; charset=utf-8"
	}
	return kind
}

// getFile answers with a file or its companion.
func getFile(x *format.Exchange) error {
	v, ok := parseVersion(x.R.PathValue("version"))
	if !ok {
		return larder.Errorf(larder.NotFound, "Not found: %.64q is no version.", x.R.PathValue("version"))
	}
	x.W.Header().Set("Content-Type", "application/octet-stream")
	return x.Send(larder.AssetRef{
		Version: larder.VersionRef{Package: x.Package, Version: v.String()},
		Name:    x.R.PathValue("file"),
	})
}

// getProjects answers with the names of all projects, which CodeArtifact does
// not have.
func getProjects(x *format.Exchange) error {
	if !closed(x, "simple") {
		return nil
	}
	kind, err := negotiate(x.R.Header)
	if err != nil {
		return err
	}
	var names []string
	for p, err := range x.Registry.Packages(x.R.Context(), x.Repository, larder.PyPI, format.Query{}) {
		if err != nil {
			return err
		}
		names = append(names, p.Ref.Name)
	}
	h := x.W.Header()
	h.Set("Content-Type", contentType(kind))
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Vary", "Accept")
	if kind == jsonV1 {
		return writeProjectsJSON(x.W, names)
	}
	return writeProjectsHTML(x.W, names)
}

func writeProjectsJSON(w io.Writer, names []string) error {
	type project struct {
		Name string `json:"name"`
	}
	projects := make([]project, len(names))
	for i, name := range names {
		projects[i].Name = name
	}
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(struct {
		Meta     meta      `json:"meta"`
		Projects []project `json:"projects"`
	}{meta{apiVersion}, projects}); err != nil {
		return err
	}
	_, err := b.WriteTo(w)
	return err
}

func writeProjectsHTML(to io.Writer, names []string) error {
	w := bufio.NewWriter(to)
	writeHead(w, "Simple index")
	for _, name := range names {
		w.WriteString(`<a href="` + name + `/">` + name + "</a><br>\n")
	}
	w.WriteString(tail)
	return w.Flush()
}
