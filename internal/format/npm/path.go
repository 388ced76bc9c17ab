package npm

import (
	"net/http"
	"path"
	"strings"

	"larder.example/larder"
)

// cut takes a decoded path apart into a package's name and what follows it,
// so that @s%2fp and @s/p, which decode alike, mean the same.
func cut(path string) (namespace, name, rest string) {
	if scope, ok := strings.CutPrefix(path, "@"); ok {
		namespace, path, _ = strings.Cut(scope, "/")
	}
	name, rest, _ = strings.Cut(path, "/")
	return namespace, name, rest
}

// asked reads the package that a route matched, and the version after it if
// there is one. Of /@s%2fp/1.0.0 the route for /@s/p makes the scope "s/p"
// and the name "1.0.0".
func asked(r *http.Request) (namespace, name, version string) {
	spelled := r.PathValue("name")
	if scope := r.PathValue("scope"); scope != "" {
		spelled = "@" + scope + "/" + spelled
	}
	if version := r.PathValue("version"); version != "" {
		spelled += "/" + version
	}
	return cut(spelled)
}

// named is the package of a route in which nothing may follow its name.
func named(r *http.Request) (namespace, name string, err error) {
	namespace, name, rest := asked(r)
	if rest != "" {
		return "", "", larder.Errorf(larder.NotFound, "Not found: %.256q", rest)
	}
	return namespace, name, nil
}

// versioned is the package of a route in which a version may follow it.
func versioned(r *http.Request) (namespace, name string, err error) {
	namespace, name, _ = asked(r)
	return namespace, name, nil
}

// repeated is the package of a tarball that npm 6 wants deleted: it puts the
// path of the tarball's URL after the endpoint, whose path is then in it
// twice. The pieces of the path are set as the rows before would have.
func repeated(r *http.Request) (namespace, name string, err error) {
	before, after, ok := strings.Cut(r.PathValue("path"), "/-/")
	file, rev, ok2 := strings.Cut(after, "/-rev/")
	if !ok || !ok2 {
		return "", "", larder.Errorf(larder.NotFound, "Not found: nothing to delete is at this path")
	}
	r.SetPathValue("file", file)
	r.SetPathValue("rev", rev)
	scope, name := path.Split(before)
	if scope = path.Base(scope); strings.HasPrefix(scope, "@") {
		namespace = scope[1:]
	}
	return namespace, name, nil
}
