package data_test

import (
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/testenv"
)

// What a version's status hides from clients, at once.
func TestStatusesHideWhatTheySay(t *testing.T) {
	onSurfaces(t, func(e *env) {
		e.put("thing", "1.0.0", filler)
		e.put("thing", "2.7.0", filler)
		for _, step := range []struct {
			status larder.Status
			listed bool
			served int
		}{
			{larder.Published, true, 200},
			{larder.Unlisted, false, 200},
			{larder.Archived, false, 404},
			{larder.Published, true, 200},
			{larder.Disposed, false, 404},
		} {
			e.setStatus("thing", "2.7.0", step.status)
			for _, accept := range e.documents {
				index := e.want(200, e.get(e.index("thing"), "Accept", accept), "the index")
				if listed := strings.Contains(index.Body, "2.7.0"); listed != step.listed {
					e.Errorf("%s in %s: listed is %v, want %v", step.status, accept, listed, step.listed)
				}
				if !strings.Contains(index.Body, "1.0.0") {
					e.Errorf("%s: the other version is not listed", step.status)
				}
			}
			e.want(step.served, e.get(e.asset("thing", "2.7.0")), "the bytes of what is "+string(step.status))
		}
		e.want(409, e.do(e.publish(e.TB, "thing", "2.7.0", filler)), "publish into what is disposed")
		e.setStatus("thing", "1.0.0", larder.Archived)
		e.want(404, e.get(e.index("thing")), "the index of nothing")
	})
}

func (e *env) setStatus(name, version string, s larder.Status) {
	e.Helper()
	if s == larder.Disposed {
		testenv.OK(e.TB, e.Admin, codeartifact.DisposePackageVersions, &codeartifact.DisposePackageVersionsInput{
			Domain: testenv.Domain, Repository: testenv.Repository, Format: e.format, Namespace: e.namespace, Package: name, Versions: []string{version},
		})
		return
	}
	out := testenv.OK(e.TB, e.Admin, codeartifact.UpdatePackageVersionsStatus, &codeartifact.UpdatePackageVersionsStatusInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: e.format, Namespace: e.namespace, Package: name, Versions: []string{version}, TargetStatus: s,
	})
	if len(out.FailedVersions) > 0 {
		e.Errorf("%s: got %v", s, out.FailedVersions)
	}
}
