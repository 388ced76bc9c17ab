package main

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
)

// frontMain is "front LISTEN URL": registries of formats that larderd has not,
// before it, at the endpoints that it names for them. What else comes is
// passed on.
func frontMain() {
	larderd, err := url.Parse(os.Args[2])
	if err == nil {
		f := &front{larderd: larderd}
		f.mux.Handle("/", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(larderd)
			r.Out.Host = r.In.Host // which was signed
		}})
		(&crates{index: map[string][]byte{}, files: map[string][]byte{}}).routes(f)
		(&gems{dir: os.TempDir()}).routes(f)
		(&nupkgs{versions: map[string][]string{}, files: map[string][]byte{}}).routes(f)
		err = http.ListenAndServe(os.Args[1], &f.mux) //nolint:gosec // it serves one client
	}
	fmt.Fprintln(os.Stderr, "front:", err)
	os.Exit(1)
}

// front lets in who has a token that larderd takes now, and one at a time.
type front struct {
	larderd *url.URL
	mux     http.ServeMux
	mu      sync.Mutex
}

func (f *front) handle(pattern string, serve http.HandlerFunc) {
	f.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		ask, err := http.NewRequestWithContext(r.Context(), http.MethodGet,
			f.larderd.JoinPath("npm", "d", r.PathValue("domain"), r.PathValue("repository"), "-", "whoami").String(), nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if t := tokenOf(r); t != "" {
			ask.Header.Set("Authorization", "Bearer "+t)
		}
		res, err := http.DefaultClient.Do(ask)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			w.Header().Set("WWW-Authenticate", `Basic realm="front"`)
			http.Error(w, `{"errors":[{"detail":"the token is not taken"}]}`, res.StatusCode)
			return
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		serve(w, r)
	})
}

// tokenOf is the token of a request: a password, behind Bearer, or without a
// scheme, as cargo sends it.
func tokenOf(r *http.Request) string {
	if _, password, ok := r.BasicAuth(); ok {
		return password
	}
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}
