package control_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

// generic is an asset of a version of package acme/thing, as it is published.
func generic(version, asset, content string, unfinished bool) *codeartifact.PublishPackageVersionInput {
	sum := sha256.Sum256([]byte(content))
	return &codeartifact.PublishPackageVersionInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: larder.Generic, Namespace: "acme", Package: "thing",
		PackageVersion: version, AssetName: asset, AssetContent: strings.NewReader(content), AssetSHA256: hex.EncodeToString(sum[:]),
		Unfinished: unfinished,
	}
}

func TestPublishPackageVersion(t *testing.T) {
	e := testenv.New(t)
	put := func(in *codeartifact.PublishPackageVersionInput) *codeartifact.PublishPackageVersionOutput {
		t.Helper()
		return testenv.OK(t, e.Admin, codeartifact.PublishPackageVersion, in)
	}
	first := put(generic("1", "report one.txt", "one", true))
	want := &codeartifact.PublishPackageVersionOutput{
		Format: larder.Generic, Namespace: "acme", Package: "thing", Version: "1",
		VersionRevision: first.VersionRevision, Status: larder.Unfinished,
		Asset: &codeartifact.AssetSummary{Name: "report one.txt", Size: new(int64(3)), Hashes: first.Asset.Hashes},
	}
	if !reflect.DeepEqual(first, want) || first.VersionRevision == "" {
		t.Errorf("got %+v, want %+v", first, want)
	}
	if got, want := first.Asset.Hashes["SHA-256"], generic("1", "", "one", false).AssetSHA256; got != want || len(first.Asset.Hashes) != 4 {
		t.Errorf("got the hashes %v", first.Asset.Hashes)
	}
	if again := put(generic("1", "report one.txt", "one", true)); !reflect.DeepEqual(again, first) {
		t.Errorf("the same again: got %+v, want %+v", again, first)
	}
	second := put(generic("1", "two", "two", false))
	if second.Status != larder.Published || second.VersionRevision == first.VersionRevision {
		t.Errorf("got %+v", second)
	}
	put(generic("1", "two", "two", true)) // it stays as it is
	testenv.Refused(t, e.Admin, codeartifact.PublishPackageVersion, generic("1", "three", "three", false), "ConflictException")
	testenv.Refused(t, e.Admin, codeartifact.PublishPackageVersion, generic("1", "two", "other", false), "ConflictException")

	get := &codeartifact.GetPackageVersionAssetInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: larder.Generic, Namespace: "acme", Package: "thing",
		PackageVersion: "1", Asset: "report one.txt",
	}
	got := testenv.OK(t, e.Admin, codeartifact.GetPackageVersionAsset, get)
	defer got.Asset.Close()
	if text, err := io.ReadAll(got.Asset); string(text) != "one" || err != nil || got.AssetName != "report one.txt" || got.PackageVersionRevision != second.VersionRevision {
		t.Errorf("got %q, %v and %+v", text, err, got)
	}
	get.PackageVersionRevision = first.VersionRevision
	testenv.Refused(t, e.Admin, codeartifact.GetPackageVersionAsset, get, "ConflictException")
}

func TestPublishPackageVersionRefusesWhatItCannotTake(t *testing.T) {
	e := testenv.New(t)
	for _, test := range []struct {
		claim  string
		spoil  func(*codeartifact.PublishPackageVersionInput)
		code   string
		reason string
	}{
		{"another format", func(in *codeartifact.PublishPackageVersionInput) { in.Format = npm }, "ValidationException", "not published with this operation"},
		{"no namespace", func(in *codeartifact.PublishPackageVersionInput) { in.Namespace = "" }, "ValidationException", "namespace"},
		{"a path for a name", func(in *codeartifact.PublishPackageVersionInput) { in.AssetName = "a/b" }, "ValidationException", "asset name"},
		{"another digest", func(in *codeartifact.PublishPackageVersionInput) { in.AssetSHA256 = strings.Repeat("0", 64) }, "ValidationException", "SHA-256"},
		{"a repository that is not there", func(in *codeartifact.PublishPackageVersionInput) { in.Repository = "none" }, "ResourceNotFoundException", "none"},
	} {
		in := generic("1", "a", "a", false)
		test.spoil(in)
		if e := testenv.Refused(t, e.Admin, codeartifact.PublishPackageVersion, in, test.code); !strings.Contains(e.Message, test.reason) {
			t.Errorf("%s: got %q, want %q in it", test.claim, e.Message, test.reason)
		}
	}
	ada := e.User("ada", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"codeartifact:PublishPackageVersion","Resource":"arn:aws:codeartifact:*:*:package/team/app/generic/acme/other"}}`)
	testenv.Refused(t, ada, codeartifact.PublishPackageVersion, generic("1", "a", "a", false), "AccessDeniedException")
	list := testenv.OK(t, e.Admin, codeartifact.ListPackages, &codeartifact.ListPackagesInput{Domain: testenv.Domain, Repository: testenv.Repository})
	if len(list.Packages) > 0 {
		t.Errorf("left %+v", list.Packages)
	}
}

func TestUpdatePackageVersionsStatus(t *testing.T) {
	e := testenv.New(t)
	testenv.OK(t, e.Admin, codeartifact.PublishPackageVersion, generic("1", "a", "a", true))
	two := testenv.OK(t, e.Admin, codeartifact.PublishPackageVersion, generic("2", "a", "a", false))
	in := func() *codeartifact.UpdatePackageVersionsStatusInput {
		return &codeartifact.UpdatePackageVersionsStatusInput{
			Domain: testenv.Domain, Repository: testenv.Repository, Format: larder.Generic, Namespace: "acme", Package: "thing",
			Versions: []string{"1", "2"}, TargetStatus: larder.Published,
		}
	}
	for claim, spoil := range map[string]func(*codeartifact.UpdatePackageVersionsStatusInput){
		"to Unfinished": func(in *codeartifact.UpdatePackageVersionsStatusInput) { in.TargetStatus = larder.Unfinished },
		"to Disposed":   func(in *codeartifact.UpdatePackageVersionsStatusInput) { in.TargetStatus = larder.Disposed },
		"revisions of one": func(in *codeartifact.UpdatePackageVersionsStatusInput) {
			in.VersionRevisions = map[string]string{"2": "x"}
		},
		"revisions of another": func(in *codeartifact.UpdatePackageVersionsStatusInput) {
			in.VersionRevisions = map[string]string{"1": "x", "2": "x", "3": "x"}
		},
		"no status that there is": func(in *codeartifact.UpdatePackageVersionsStatusInput) { in.TargetStatus = "Lost" },
	} {
		bad := in()
		spoil(bad)
		if _, err := client.Call(t.Context(), e.Admin, codeartifact.UpdatePackageVersionsStatus, bad); err == nil || !strings.Contains(err.Error(), "ValidationException") {
			t.Errorf("%s: got %v, want a ValidationException", claim, err)
		}
	}
	mismatched := in()
	mismatched.Versions, mismatched.VersionRevisions = []string{"2"}, map[string]string{"2": "other"}
	out := testenv.OK(t, e.Admin, codeartifact.UpdatePackageVersionsStatus, mismatched)
	if want := (codeartifact.PackageVersionError{
		ErrorCode: "MISMATCHED_REVISION", ErrorMessage: "current revision: " + two.VersionRevision + ", expected revision: other",
	}); out.FailedVersions["2"] != want || len(out.SuccessfulVersions) > 0 {
		t.Errorf("got %+v, want %+v", out, want)
	}
	out = testenv.OK(t, e.Admin, codeartifact.UpdatePackageVersionsStatus, in())
	if got := out.SuccessfulVersions["2"]; got != (codeartifact.SuccessfulPackageVersionInfo{Revision: two.VersionRevision, Status: larder.Published}) ||
		out.SuccessfulVersions["1"].Status != larder.Published || len(out.FailedVersions) > 0 {
		t.Errorf("got %+v", out)
	}

	dispose := &codeartifact.DisposePackageVersionsInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: larder.Generic, Namespace: "acme", Package: "thing",
		Versions: []string{"1"}, VersionRevisions: map[string]string{"1": out.SuccessfulVersions["1"].Revision}, ExpectedStatus: larder.Published,
	}
	disposed := testenv.OK(t, e.Admin, codeartifact.DisposePackageVersions, dispose)
	if disposed.SuccessfulVersions["1"].Status != larder.Disposed || len(disposed.FailedVersions) > 0 {
		t.Errorf("got %+v", disposed)
	}
	dispose.VersionRevisions, dispose.ExpectedStatus = nil, ""
	again := testenv.OK(t, e.Admin, codeartifact.DisposePackageVersions, dispose)
	if again.FailedVersions["1"].ErrorCode != "NOT_ALLOWED" {
		t.Errorf("disposed again: got %+v", again)
	}
	testenv.Refused(t, e.Admin, codeartifact.PublishPackageVersion, generic("1", "a", "a", false), "ConflictException")
	testenv.Refused(t, e.Admin, codeartifact.GetPackageVersionAsset, &codeartifact.GetPackageVersionAssetInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: larder.Generic, Namespace: "acme", Package: "thing",
		PackageVersion: "1", Asset: "a",
	}, "ResourceNotFoundException")
	status := testenv.OK(t, e.Admin, codeartifact.ListPackageVersions, &codeartifact.ListPackageVersionsInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: larder.Generic, Namespace: "acme", Package: "thing", Status: larder.Disposed,
	})
	if len(status.Versions) != 1 || status.Versions[0].Version != "1" {
		t.Errorf("got %+v", status.Versions)
	}
}

// The endpoint exists, and there is nothing to be had from it.
func TestTheGenericEndpointServesNothing(t *testing.T) {
	e := testenv.New(t)
	testenv.OK(t, e.Admin, codeartifact.PublishPackageVersion, generic("1", "a", "a", false))
	for _, path := range []string{"", "acme/thing/1/a"} {
		if a := e.Do(http.MethodGet, e.Endpoint("generic")+path, e.Token(e.Admin), nil); a.Status != http.StatusNotFound {
			t.Errorf("%s: got %d %s", path, a.Status, a.Body)
		}
	}
}

// An asset may have 5 GB: it flows through, both ways, and is never held.
func TestAnAssetIsNeverInMemory(t *testing.T) {
	const size = 128 << 20
	content := func() io.Reader { return io.LimitReader(zeros{}, size) }
	sum := sha256.New()
	if _, err := io.Copy(sum, content()); err != nil {
		t.Fatal(err)
	}
	e := testenv.New(t)
	in := generic("1", "zeros", "", false)
	in.AssetContent, in.AssetSHA256 = content(), hex.EncodeToString(sum.Sum(nil))

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	testenv.OK(t, e.Admin, codeartifact.PublishPackageVersion, in)
	out := testenv.OK(t, e.Admin, codeartifact.GetPackageVersionAsset, &codeartifact.GetPackageVersionAssetInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: larder.Generic, Namespace: "acme", Package: "thing",
		PackageVersion: "1", Asset: "zeros",
	})
	defer out.Asset.Close()
	sum.Reset()
	n, err := io.Copy(sum, out.Asset)
	runtime.ReadMemStats(&after)
	if n != size || err != nil || hex.EncodeToString(sum.Sum(nil)) != in.AssetSHA256 {
		t.Errorf("got %d bytes and %v, want the %d that were published", n, err, size)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > size/8 {
		t.Errorf("allocated %d MB in all for %d MB", took>>20, size>>20)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
