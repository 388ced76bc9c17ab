package control_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/testenv"
)

// The size of a domain is that of its distinct assets: what two repositories
// hold counts once, until the last of them lets it go.
func TestAssetSizeBytesGoesUpAndDownExactly(t *testing.T) {
	e := testenv.New(t)
	testenv.OK(t, e.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: "second"})
	var want int64
	check := func(step string) {
		t.Helper()
		d := testenv.OK(t, e.Admin, codeartifact.DescribeDomain, &codeartifact.DescribeDomainInput{Domain: testenv.Domain}).Domain
		if d.AssetSizeBytes != want {
			t.Errorf("%s: got %d bytes, want %d", step, d.AssetSizeBytes, want)
		}
	}
	size := func(b []byte) int64 { return int64(len(b)) }
	remove := func(repository, name string, versions ...string) {
		t.Helper()
		out := testenv.OK(t, e.Admin, codeartifact.DeletePackageVersions, &codeartifact.DeletePackageVersionsInput{
			Domain: testenv.Domain, Repository: repository, Format: npm, Package: name, Versions: versions,
		})
		if len(out.SuccessfulVersions) != len(versions) {
			t.Errorf("got %+v", out)
		}
	}
	one := release{name: "one", version: "1.0.0", files: map[string]string{"a": strings.Repeat("a", 300)}}
	two := release{name: "one", version: "2.0.0", files: map[string]string{"b": "bb"}}
	other := release{name: "other", version: "1.0.0", files: map[string]string{"c": "ccc"}}

	check("empty")
	first := size(publish(t, e, e.Admin, testenv.Repository, one))
	want += first
	check("published")
	publish(t, e, e.Admin, testenv.Repository, one)
	check("published again")
	second := size(publish(t, e, e.Admin, testenv.Repository, two))
	want += second
	check("another version")
	publish(t, e, e.Admin, "second", one)
	publish(t, e, e.Admin, "second", two)
	check("the same in another repository")
	want += size(publish(t, e, e.Admin, "second", other))
	check("another package there")

	remove(testenv.Repository, "one", "1.0.0")
	check("deleted here, still there")
	remove("second", "one", "1.0.0")
	want -= first
	check("deleted there too")
	remove("second", "one", "2.0.0")
	check("still here")
	testenv.OK(t, e.Admin, codeartifact.DeletePackage, &codeartifact.DeletePackageInput{Domain: testenv.Domain, Repository: testenv.Repository, Format: npm, Package: "one"})
	want -= second
	check("package deleted")
	publish(t, e, e.Admin, testenv.Repository, other)
	check("the same as there")
	testenv.OK(t, e.Admin, codeartifact.DeleteRepository, &codeartifact.DeleteRepositoryInput{Domain: testenv.Domain, Repository: "second"})
	check("repository deleted, the same still here")
	testenv.OK(t, e.Admin, codeartifact.DeleteRepository, &codeartifact.DeleteRepositoryInput{Domain: testenv.Domain, Repository: testenv.Repository})
	want = 0
	check("nothing left")
}

func TestDeletePackageVersions(t *testing.T) {
	e := testenv.New(t)
	for _, version := range []string{"1.0.0", "1.1.0", "2.0.0"} {
		publish(t, e, e.Admin, testenv.Repository, release{name: "@acme/thing", version: version})
	}
	remove := func(expected larder.Status, versions ...string) *codeartifact.DeletePackageVersionsOutput {
		t.Helper()
		return testenv.OK(t, e.Admin, codeartifact.DeletePackageVersions, &codeartifact.DeletePackageVersionsInput{
			Domain: testenv.Domain, Repository: testenv.Repository, Format: npm, Namespace: "acme", Package: "thing",
			Versions: versions, ExpectedStatus: expected,
		})
	}
	list := func() map[string]string {
		t.Helper()
		all := map[string]string{}
		for _, v := range testenv.OK(t, e.Admin, codeartifact.ListPackageVersions, &codeartifact.ListPackageVersionsInput{
			Domain: testenv.Domain, Repository: testenv.Repository, Format: npm, Namespace: "acme", Package: "thing",
		}).Versions {
			all[v.Version] = v.Revision
		}
		return all
	}
	type failures = map[string]codeartifact.PackageVersionError
	type successes = map[string]codeartifact.SuccessfulPackageVersionInfo
	before := list()

	for _, tt := range []struct {
		what     string
		expected larder.Status
		versions []string
		failed   failures
	}{
		{"one of two is not there", "", []string{"1.0.0", "9.9.9"}, failures{
			"9.9.9": {ErrorCode: "NOT_FOUND", ErrorMessage: "Could not find version 9.9.9"},
			"1.0.0": {ErrorCode: "SKIPPED", ErrorMessage: "version 1.0.0 is skipped"},
		}},
		{"another status", larder.Unlisted, []string{"1.0.0"}, failures{
			"1.0.0": {ErrorCode: "MISMATCHED_STATUS", ErrorMessage: "current status: Published, expected status: Unlisted"},
		}},
	} {
		out := remove(tt.expected, tt.versions...)
		if !reflect.DeepEqual(out.FailedVersions, tt.failed) || len(out.SuccessfulVersions) > 0 {
			t.Errorf("%s: got %+v, want %+v", tt.what, out, tt.failed)
		}
		if got := list(); !reflect.DeepEqual(got, before) {
			t.Errorf("%s: left %v, want %v", tt.what, got, before)
		}
	}

	out := remove(larder.Published, "1.0.0", "2.0.0", "1.0.0") // named twice is deleted once
	want := successes{
		"1.0.0": {Revision: before["1.0.0"], Status: larder.Deleted}, "2.0.0": {Revision: before["2.0.0"], Status: larder.Deleted},
	}
	if !reflect.DeepEqual(out.SuccessfulVersions, want) || len(out.FailedVersions) > 0 {
		t.Errorf("got %+v, want %+v", out, want)
	}
	if got := list(); len(got) != 1 || got["1.1.0"] == "" {
		t.Errorf("left %v", got)
	}

	// The last one leaves an empty package.
	remove("", "1.1.0")
	if got := list(); len(got) > 0 {
		t.Errorf("left %v", got)
	}
	testenv.OK(t, e.Admin, codeartifact.DescribePackage, &codeartifact.DescribePackageInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: npm, Namespace: "acme", Package: "thing",
	})
	// And a version that was deleted may be published with other content.
	publish(t, e, e.Admin, testenv.Repository, release{name: "@acme/thing", version: "1.0.0", files: map[string]string{"new": "new"}})
}

func TestDeletePackageVersionsOnTheWire(t *testing.T) {
	e := testenv.New(t)
	publish(t, e, e.Admin, testenv.Repository, release{name: "thing", version: "1.0.0"})
	target := query("/v1/package/versions/delete", "domain", testenv.Domain, "repository", testenv.Repository, "format", "npm", "package", "thing")
	for _, tt := range []struct {
		body   string
		status int
		want   string
	}{
		{`{"versions":["9"]}`, 200, `"successfulVersions":{}`},
		{`{"versions":["1.0.0"]}`, 200, `"failedVersions":{}`},
		{`{"versions":[]}`, 200, `{"successfulVersions":{},"failedVersions":{}}`},
		{`{}`, 400, "Value null at 'versions' failed to satisfy constraint: Member must not be null"},
		{`{"versions":["a/b"]}`, 400, `"reason":"FIELD_VALIDATION_FAILED"`},
		{`{"versions":["1"],"expectedStatus":"Gone"}`, 400, "Member must satisfy enum value set"},
		{`{"versions":["` + strings.Repeat(`1","`, 100) + `1"]}`, 400, "Member must have length less than or equal to 100"},
		{`{"versions":"1"}`, 400, `"reason":"CANNOT_PARSE"`},
		{`{"versions"`, 400, `"reason":"CANNOT_PARSE"`},
	} {
		a := e.DoSigned(e.Admin, "codeartifact", http.MethodPost, target, tt.body)
		if a.Status != tt.status || !strings.Contains(a.Body, tt.want) {
			t.Errorf("%.40s: got %d %s, want %d and %s in it", tt.body, a.Status, a.Body, tt.status, tt.want)
		}
	}
}
