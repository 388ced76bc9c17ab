package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"larder.example/larder"
)

// widget is the package of most shapes: a hundred versions, the last with a
// large tarball.
const (
	widget   = "@perf/widget"
	versions = 100

	// giant has a packument of 14 MB, as the largest on npm.
	giant         = "@perf/giant"
	giantVersions = 500
	giantExtra    = 27 << 10
)

func number(i int) string { return fmt.Sprintf("1.%d.%d", i/10, i%10) }

// shape is one comparison: what Larder does, against the same bytes without
// it.
type shape struct {
	name         string
	connections  int
	larder, bare *target
	fill         func(repetition int) error // makes what a run uses up; may be nil
	least        float64                    // what of the bare rate is aimed at; 0: see most
	most         float64                    // what of the bare CPU a request is aimed at; 0: nothing
}

// seedGiant publishes the package with the large packument.
func seedGiant(ctx context.Context, l *larderd) error {
	for i := range giantVersions {
		v, err := newVersion(giant, number(i), 512, giantExtra)
		if err != nil {
			return err
		}
		if err := l.publish(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

// seedWidget publishes the package.
func seedWidget(ctx context.Context, l *larderd) error {
	for i := range versions {
		size := usualTarball
		if i == versions-1 {
			size = largeTarball
		}
		v, err := newVersion(widget, number(i), size, 0)
		if err != nil {
			return err
		}
		if err := l.publish(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

// reading is a shape of reads: how to ask for it, and where the bare handler
// has the same answer.
type reading struct {
	name        string
	format      larder.Format
	path        string // below the endpoint
	accept      string
	encoding    string
	again       bool // with the ETag: 304
	pinged      bool // a ping is sent beside it
	stream      bool
	connections []int
	least, most float64
}

const (
	publishName = "publish, 20 KB"
	uploadName  = "PyPI upload, 20 KB"
	deployName  = "Maven file, 20 KB"

	// versionFiles is how many files a deployed version has.
	versionFiles = 8
	tokenName    = "authorization token"
)

const (
	anyJSON  = "application/json"
	pageJSON = "application/vnd.pypi.simple.v1+json"
	pageHTML = "application/vnd.pypi.simple.v1+html"
)

var readings = []reading{
	{name: "packument, gzip", format: larder.NPM, path: "@perf%2fwidget", accept: anyJSON, encoding: "gzip", connections: []int{8, 1}, least: 0.80, most: 1.25},
	{name: "packument, identity", format: larder.NPM, path: "@perf%2fwidget", accept: anyJSON, encoding: "identity", connections: []int{8}, least: 0.80},
	{name: "packument, 304", format: larder.NPM, path: "@perf%2fwidget", accept: anyJSON, encoding: "gzip", again: true, connections: []int{8}, least: 0.70},
	{name: smallName, format: larder.NPM, path: "@perf%2fwidget/1.0.0", accept: anyJSON, encoding: "identity", connections: []int{8}, least: 0.70},
	{name: "tarball, 302 KB", format: larder.NPM, path: "@perf/widget/-/widget-1.9.9.tgz", accept: anyJSON, encoding: "identity", stream: true, connections: []int{8}, most: 1.15},
	{name: giantName, format: larder.NPM, path: "@perf%2fgiant", accept: anyJSON, encoding: "gzip", pinged: true, connections: []int{20}, least: 0.50},
	{name: "project page, JSON, gzip", format: larder.PyPI, path: "simple/widget/", accept: pageJSON, encoding: "gzip", connections: []int{8}, least: 0.90},
	{name: "project page, HTML, gzip", format: larder.PyPI, path: "simple/widget/", accept: pageHTML, encoding: "gzip", connections: []int{8}, least: 0.90},
}

const giantName = "packument, 14 MB, gzip"

// smallName is the reading whose answer is about as long as a token's.
const smallName = "one manifest, 1.5 KB"

// shapes returns the comparisons of reads, of publishes and of tokens whose
// names are wanted, and the bare handler, started with what it needs for them.
func shapes(ctx context.Context, l *larderd, dir string, publishes int, wanted func(string) bool) ([]*shape, *process, error) {
	var all []*shape
	var cans []canned
	small := ""
	c, err := dial(ctx, l.addr)
	if err != nil {
		return nil, nil, err
	}
	defer c.Close()
	for i, r := range readings {
		if r.name == giantName && !wanted(r.name) {
			continue
		}
		header := []string{"Accept: " + r.accept, "Accept-Encoding: " + r.encoding}
		ask := l.get(r.format, r.path, header...)
		a, err := c.ask(ask)
		if err != nil {
			return nil, nil, err
		}
		if a.status != http.StatusOK {
			return nil, nil, fmt.Errorf("%s: %d %s", r.name, a.status, a.body)
		}
		if r.name == smallName {
			small = fmt.Sprintf("/%d", i)
		}
		can := canned{Path: fmt.Sprintf("/%d", i), File: fmt.Sprint("body", i), Stream: r.stream, Header: map[string]string{}}
		for _, name := range []string{"content-type", "content-encoding", "etag", "cache-control", "vary"} {
			if value, ok := a.header[name]; ok {
				can.Header[name] = value
			}
		}
		if err := os.WriteFile(filepath.Join(dir, can.File), a.body, 0o600); err != nil {
			return nil, nil, err
		}
		cans = append(cans, can)
		status := http.StatusOK
		if r.again {
			header, status = append(header, "If-None-Match: "+a.header["etag"]), http.StatusNotModified
		}
		if !wanted(r.name) {
			continue
		}
		for _, n := range r.connections {
			s := &shape{
				name: r.name, connections: n, least: r.least, most: r.most,
				larder: &target{name: r.name, requests: []message{l.get(r.format, r.path, header...)}, status: status},
				bare:   &target{name: "bare " + r.name, requests: []message{request("GET", can.Path, "bare", nil, header...)}, status: status},
			}
			if r.pinged {
				s.larder.ping, s.bare.ping = l.get(larder.NPM, "-/ping"), request("GET", small, "bare", nil)
			}
			all = append(all, s)
		}
	}
	for _, n := range []int{1, 8} {
		if !wanted(publishName) {
			break
		}
		all = append(all, publishShape(l, n, publishes))
	}
	if wanted(uploadName) {
		all = append(all, filesShape(uploadName, http.StatusOK, publishes, func(repetition, i int) (message, []byte, error) {
			return l.upload("upload", fmt.Sprintf("%d.%d", repetition, i), usualTarball)
		}))
	}
	if wanted(deployName) {
		all = append(all, filesShape(deployName, http.StatusCreated, publishes, func(repetition, i int) (message, []byte, error) {
			return l.deploy(fmt.Sprintf("%d.%d", repetition, i/versionFiles), fmt.Sprintf("%d.jar", i%versionFiles), usualTarball)
		}))
	}
	if wanted(tokenName) {
		tokens, err := l.tokenRequests(ctx, 240)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, &shape{
			name: tokenName, connections: 8, least: 0.50,
			larder: &target{name: tokenName, requests: tokens, status: http.StatusOK},
			bare:   &target{name: "bare 1.5 KB", requests: []message{request("GET", small, "bare", nil)}, status: http.StatusOK},
		})
	}
	bare, err := startBare(ctx, dir, cans)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range all {
		s.larder.addr, s.larder.pid = l.addr, l.pid()
		s.bare.addr, s.bare.pid = bare.addr, bare.pid()
	}
	return all, bare, nil
}

// publishShape publishes 20 KB, a new version each time. What a run may use
// up is made before it.
func publishShape(l *larderd, connections, publishes int) *shape {
	s := &shape{
		name: publishName, connections: connections, least: 0.6,
		larder: &target{name: "publish", status: http.StatusCreated, once: true},
		bare:   &target{name: "floor of publish", status: http.StatusCreated, once: true},
	}
	s.fill = func(repetition int) error {
		for _, t := range []*target{s.larder, s.bare} {
			t.requests = make([]message, publishes)
			t.next.Store(0)
		}
		for i := range publishes {
			// As many packages as connections: nobody waits for a package.
			v, err := newVersion(fmt.Sprintf("@perf/publish-%d-%d", connections, i%connections), fmt.Sprintf("1.%d.%d", repetition, i), usualTarball, 0)
			if err != nil {
				return err
			}
			document, err := v.document()
			if err != nil {
				return err
			}
			s.larder.requests[i] = l.put(v.pkg, document)
			s.bare.requests[i] = request("PUT", publishPath, "bare", document, "Content-Type: application/json")
		}
		return nil
	}
	return s
}

// filesShape sends files one after the other, a new one each time.
func filesShape(name string, status, files int, file func(repetition, i int) (message, []byte, error)) *shape {
	s := &shape{
		name: name, connections: 1, least: 0.6,
		larder: &target{name: name, status: status, once: true},
		bare:   &target{name: "floor of " + name, status: http.StatusCreated, once: true},
	}
	s.fill = func(repetition int) error {
		for _, t := range []*target{s.larder, s.bare} {
			t.requests = make([]message, files)
			t.next.Store(0)
		}
		for i := range files {
			m, body, err := file(repetition, i)
			if err != nil {
				return err
			}
			s.larder.requests[i] = m
			s.bare.requests[i] = request("PUT", putPath, "bare", body)
		}
		return nil
	}
	return s
}
