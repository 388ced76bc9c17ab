package data_test

import (
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/testenv"
)

// library makes the repository lib and returns e, asking that.
func (e *env) library() *env {
	e.Helper()
	e.makeRepository("lib")
	other := *e
	other.base = strings.TrimSuffix(e.base, testenv.Repository+"/") + "lib/"
	return &other
}

// upstreams replaces the upstreams of the repository.
func (e *env) upstreams(names ...string) {
	e.Helper()
	in := &codeartifact.UpdateRepositoryInput{Domain: testenv.Domain, Repository: testenv.Repository, Upstreams: []codeartifact.UpstreamRepository{}}
	for _, name := range names {
		in.Upstreams = append(in.Upstreams, codeartifact.UpstreamRepository{RepositoryName: name})
	}
	testenv.OK(e.TB, e.Admin, codeartifact.UpdateRepository, in)
}

// restrict sets the origin controls of a package.
func (e *env) restrict(repository, name, publish, upstream string) {
	e.Helper()
	testenv.OK(e.TB, e.Admin, codeartifact.PutPackageOriginConfiguration, &codeartifact.PutPackageOriginConfigurationInput{
		Domain: testenv.Domain, Repository: repository, Format: e.format, Namespace: e.namespace, Package: name,
		Restrictions: &codeartifact.PackageOriginRestrictions{Publish: publish, Upstream: upstream},
	})
}

// indexHas checks that all forms of the index of "thing" list a version, or do
// not.
func (e *env) indexHas(version string, want bool, when string) {
	e.Helper()
	for _, accept := range e.documents {
		a := e.get(e.index("thing"), "Accept", accept)
		if listed := a.Status == 200 && strings.Contains(a.Body, version); listed != want {
			e.Errorf("%s: %s lists %s: got %v, want %v: %d %.200s", when, accept, version, listed, want, a.Status, a.Body)
		}
	}
}

// A change in an upstream is seen by who asks downstream at once, though both
// answer from the cache; what was fetched stays when the upstream goes.
func TestUpstreamsAreServedAndRetained(t *testing.T) {
	onSurfaces(t, func(e *env) {
		lib := e.library()
		e.indexHas("1.0.0", false, "before")
		lib.put("thing", "1.0.0", filler)
		e.upstreams("lib")
		e.indexHas("1.0.0", true, "with an upstream")
		lib.put("thing", "1.5.0", filler)
		e.indexHas("1.5.0", true, "after a publish upstream")

		at := e.asset("thing", "1.0.0")
		for _, want := range []testenv.Answer{lib.get(at), e.get(at)} { // once retained, and again from here
			got := e.want(200, e.get(at), "the file")
			if got.Body != want.Body || got.Header.Get("Etag") != want.Header.Get("Etag") {
				t.Errorf("got other bytes or another ETag: %v, want %v", got.Header, want.Header)
			}
		}
		head := e.want(200, e.do(ask{method: "HEAD", path: e.asset("thing", "1.5.0")}), "HEAD of what is upstream")
		if head.Body != "" || head.Header.Get("Content-Length") == "" {
			t.Errorf("HEAD: got %q, %v", head.Body, head.Header)
		}
		e.want(206, e.get(e.asset("thing", "1.5.0"), "Range", "bytes=0-3"), "a part")

		e.deleteRepository("lib")
		e.indexHas("1.0.0", true, "without the upstream")
		e.want(200, e.get(at), "the file that was retained")
	})
}

// Reading through a repository takes no permission on what is upstream of it.
func TestReadingThroughUpstreamsTakesOnePermission(t *testing.T) {
	onSurfaces(t, func(e *env) {
		lib := e.library()
		lib.put("thing", "1.0.0", filler)
		e.upstreams("lib")
		reader := e.allowed("reader", strings.Replace(read, `"*"`, `"arn:aws:codeartifact:*:*:repository/team/app"`, 1))
		e.want(200, e.doAs(reader, ask{method: "GET", path: e.index("thing")}), "the index through app")
		e.want(200, e.doAs(reader, ask{method: "GET", path: e.asset("thing", "1.0.0")}), "the file through app")
		e.want(403, lib.doAs(reader, ask{method: "GET", path: e.index("thing")}), "the index of lib")
	})
}

// restrictGroup gives the package group that has all packages a restriction.
func (e *env) restrictGroup(restriction, mode string) {
	e.Helper()
	testenv.OK(e.TB, e.Admin, codeartifact.UpdatePackageGroupOriginConfiguration, &codeartifact.UpdatePackageGroupOriginConfigurationInput{
		Domain: testenv.Domain, PackageGroup: "/*", Restrictions: map[string]string{restriction: mode},
	})
}

// Package groups say so for packages that nobody has touched, and take effect
// at once on what is cached.
func TestPackageGroupsAreObeyed(t *testing.T) {
	onSurfaces(t, func(e *env) {
		lib := e.library()
		lib.put("thing", "1.0.0", filler)
		e.upstreams("lib")
		e.indexHas("1.0.0", true, "open")
		e.restrictGroup("INTERNAL_UPSTREAM", "BLOCK")
		e.indexHas("1.0.0", false, "blocked")
		e.want(404, e.get(e.asset("thing", "1.0.0")), "a file that is blocked")
		lib.indexHas("1.0.0", true, "where it is")
		e.restrictGroup("INTERNAL_UPSTREAM", "ALLOW")
		e.indexHas("1.0.0", true, "open again")
		e.want(200, e.get(e.asset("thing", "1.0.0")), "a file that is open again")
		e.restrictGroup("INTERNAL_UPSTREAM", "BLOCK")
		e.want(200, e.get(e.asset("thing", "1.0.0")), "a file that was retained")

		e.restrictGroup("PUBLISH", "BLOCK")
		if a := e.want(403, e.do(e.publish(e.TB, "other", "1.0.0", filler)), "publish"); !strings.Contains(a.Body+a.Header.Get("X-Amzn-Errortype"), "package group") {
			e.Errorf("publish: got %v %s", a.Header, a.Body)
		}
		e.restrictGroup("PUBLISH", "ALLOW")
		e.want(e.published, e.do(e.publish(e.TB, "other", "1.0.0", filler)), "publish again")
	})
}

// Origin controls say what may be published and what may come from upstream,
// and take effect at once. A name that was published here is closed to what
// upstreams have of it; a version that they have cannot be published.
func TestOriginControlsAreObeyed(t *testing.T) {
	onSurfaces(t, func(e *env) {
		lib := e.library()
		lib.put("thing", "1.0.0", filler)
		e.upstreams("lib")
		e.indexHas("1.0.0", true, "open")
		e.want(409, e.do(e.publish(e.TB, "thing", "1.0.0", filler)), "publish what an upstream has")

		e.put("thing", "2.0.0", filler)
		e.indexHas("1.0.0", false, "after the first publish")
		e.want(404, e.get(e.asset("thing", "1.0.0")), "a file of upstream's")
		e.restrict(testenv.Repository, "thing", "BLOCK", "ALLOW")
		e.indexHas("1.0.0", true, "opened")
		e.want(403, e.do(e.publish(e.TB, "thing", "3.0.0", filler)), "publish what is blocked")
		e.restrict(testenv.Repository, "thing", "ALLOW", "BLOCK")
		e.indexHas("1.0.0", false, "closed again")

		// Names that nobody has used yet.
		e.restrict(testenv.Repository, "reserved", "BLOCK", "BLOCK")
		e.want(403, e.do(e.publish(e.TB, "reserved", "1.0.0", filler)), "publish a name that is closed")
		lib.put("reserved", "1.0.0", filler)
		e.want(404, e.get(e.index("reserved")), "a name that is closed")

		// A package that was retained is nobody's to publish to.
		lib.put("theirs", "1.0.0", filler)
		e.want(200, e.get(e.asset("theirs", "1.0.0")), "a file of upstream's")
		e.want(403, e.do(e.publish(e.TB, "theirs", "9.0.0", filler)), "publish beside what was retained")
		d := testenv.OK(e.TB, e.Admin, codeartifact.DescribePackage, &codeartifact.DescribePackageInput{
			Domain: testenv.Domain, Repository: testenv.Repository, Format: e.format, Namespace: e.namespace, Package: "theirs",
		})
		if got := *d.Package.OriginConfiguration.Restrictions; got != (codeartifact.PackageOriginRestrictions{Publish: "BLOCK", Upstream: "ALLOW"}) {
			t.Errorf("origin controls of what was retained: got %v", got)
		}
	})
}

// Statuses upstream decide what flows, and a version that is hidden there is
// not downstream either.
func TestStatusesUpstreamAreSeenDownstream(t *testing.T) {
	onSurfaces(t, func(e *env) {
		lib := e.library()
		lib.put("thing", "1.0.0", filler)
		lib.put("thing", "2.7.0", filler)
		e.upstreams("lib")
		for _, step := range []struct {
			status larder.Status
			listed bool
			served int
		}{
			{larder.Published, true, 200},
			{larder.Archived, false, 404},
			{larder.Unlisted, false, 200}, // and is retained as it is
		} {
			testenv.OK(e.TB, e.Admin, codeartifact.UpdatePackageVersionsStatus, &codeartifact.UpdatePackageVersionsStatusInput{
				Domain: testenv.Domain, Repository: "lib", Format: e.format, Namespace: e.namespace, Package: "thing",
				Versions: []string{"2.7.0"}, TargetStatus: step.status,
			})
			e.indexHas("2.7.0", step.listed, string(step.status))
			if step.status != larder.Published {
				e.want(step.served, e.get(e.asset("thing", "2.7.0")), "the file of what is "+string(step.status)+" upstream")
			}
		}
		e.indexHas("2.7.0", false, "retained when it was Unlisted")
	})
}
