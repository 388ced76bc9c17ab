package proxy

import (
	"bytes"
	"io"
	"net/http"
	"strings"
)

// localize changes the addresses of repositories in an answer to the proxy's
// own, where clients would follow them: in redirects, and in documents that
// are made of addresses. Files are never changed, nor parts of anything.
func localize(answer *http.Response, from, to string) {
	if l := answer.Header.Get("Location"); strings.HasPrefix(l, from+"/") {
		answer.Header.Set("Location", to+strings.TrimPrefix(l, from))
	}
	if answer.StatusCode == http.StatusPartialContent || !document(answer.Header.Get("Content-Type")) ||
		answer.Header.Get("Content-Encoding") != "" || answer.Request.Method == http.MethodHead {
		return
	}
	answer.Header.Del("Content-Length")
	answer.ContentLength = -1
	answer.Body = &replacing{from: []byte(from), to: []byte(to), body: answer.Body}
}

// document reports whether a type is one that addresses are in.
func document(contentType string) bool {
	kind, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	kind = strings.TrimSpace(kind)
	return strings.HasSuffix(kind, "json") || strings.HasSuffix(kind, "html")
}

// replacing is a body in which one text stands for another. It holds back as
// many bytes as may be the beginning of the text.
type replacing struct {
	from, to []byte
	body     io.ReadCloser
	read     []byte // not yet looked at to its end
	ready    []byte // to be returned
	err      error
}

// Read implements io.Reader.
func (r *replacing) Read(b []byte) (int, error) {
	for len(r.ready) == 0 && (r.err == nil || len(r.read) > 0) {
		r.fill()
	}
	n := copy(b, r.ready)
	r.ready = r.ready[n:]
	if n == 0 {
		return 0, r.err
	}
	return n, nil
}

func (r *replacing) fill() {
	if r.err == nil {
		chunk := make([]byte, 32<<10)
		var n int
		n, r.err = r.body.Read(chunk)
		r.read = append(r.read, chunk[:n]...)
	}
	for {
		i := bytes.Index(r.read, r.from)
		if i < 0 {
			break
		}
		r.ready = append(append(r.ready, r.read[:i]...), r.to...)
		r.read = r.read[i+len(r.from):]
	}
	keep := len(r.from) - 1
	if r.err != nil {
		keep = 0
	}
	if n := len(r.read) - keep; n > 0 {
		r.ready = append(r.ready, r.read[:n]...)
		r.read = append([]byte{}, r.read[n:]...)
	}
}

// Close implements io.Closer.
func (r *replacing) Close() error { return r.body.Close() }
