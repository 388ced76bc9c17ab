package control_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

const npm = larder.NPM

func TestListPackageVersions(t *testing.T) {
	e := testenv.New(t)
	list := func(change func(*codeartifact.ListPackageVersionsInput)) *codeartifact.ListPackageVersionsOutput {
		t.Helper()
		in := &codeartifact.ListPackageVersionsInput{Domain: testenv.Domain, Repository: testenv.Repository, Format: npm, Namespace: "acme", Package: "thing"}
		if change != nil {
			change(in)
		}
		return testenv.OK(t, e.Admin, codeartifact.ListPackageVersions, in)
	}
	versions := func(out *codeartifact.ListPackageVersionsOutput) (all []string) {
		for _, v := range out.Versions {
			all = append(all, v.Version)
		}
		return all
	}
	for _, version := range []string{"1.0.0", "0.9.0", "2.0.0"} {
		publish(t, e, e.Admin, testenv.Repository, release{name: "@acme/thing", version: version})
		e.Clock.Advance(time.Second)
	}
	a := e.Do(http.MethodPut, e.Endpoint("npm")+"-/package/@acme%2fthing/dist-tags/latest", e.Token(e.Admin), strings.NewReader(`"0.9.0"`), "Content-Type", "application/json")
	if a.Status/100 != 2 {
		t.Fatalf("got %d %s", a.Status, a.Body)
	}

	out := list(nil)
	if out.DefaultDisplayVersion != "0.9.0" || out.Format != npm || out.Namespace != "acme" || out.Package != "thing" || out.NextToken != "" {
		t.Errorf("got %+v", out)
	}
	want := codeartifact.PackageVersionSummary{
		Version: "0.9.0", Status: larder.Published, Revision: out.Versions[0].Revision,
		Origin: &codeartifact.PackageVersionOrigin{OriginType: "INTERNAL", DomainEntryPoint: &codeartifact.DomainEntryPoint{RepositoryName: testenv.Repository}},
	}
	if !reflect.DeepEqual(out.Versions[0], want) || want.Revision == "" {
		t.Errorf("got %+v, want %+v", out.Versions[0], want)
	}
	if got, want := versions(out), []string{"0.9.0", "1.0.0", "2.0.0"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	newest := list(func(in *codeartifact.ListPackageVersionsInput) { in.SortBy = "PUBLISHED_TIME" })
	if got, want := versions(newest), []string{"2.0.0", "0.9.0", "1.0.0"}; !slices.Equal(got, want) {
		t.Errorf("newest first: got %v, want %v", got, want)
	}
	for _, tt := range []struct {
		what   string
		change func(*codeartifact.ListPackageVersionsInput)
		want   int
	}{
		{"published", func(in *codeartifact.ListPackageVersionsInput) { in.Status = larder.Published }, 3},
		{"archived", func(in *codeartifact.ListPackageVersionsInput) { in.Status = larder.Archived }, 0},
		{"internal", func(in *codeartifact.ListPackageVersionsInput) { in.OriginType = "INTERNAL" }, 3},
		{"external", func(in *codeartifact.ListPackageVersionsInput) { in.OriginType = "EXTERNAL" }, 0},
		{"unknown", func(in *codeartifact.ListPackageVersionsInput) {
			in.OriginType, in.SortBy = "UNKNOWN", "PUBLISHED_TIME"
		}, 0},
	} {
		if out := list(tt.change); len(out.Versions) != tt.want || out.NextToken != "" {
			t.Errorf("%s: got %+v, want %d", tt.what, out, tt.want)
		}
	}
}

func TestDescribePackageVersion(t *testing.T) {
	e := testenv.New(t)
	publish(t, e, e.Admin, testenv.Repository, release{
		name: "@acme/thing", version: "1.0.0-rc.1",
		members: map[string]any{
			"description": "Things <of> acme", "homepage": "https://acme.example/thing",
			"repository": "github:acme/thing", "license": "MIT",
		},
	})
	got := testenv.OK(t, e.Admin, codeartifact.DescribePackageVersion, &codeartifact.DescribePackageVersionInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: npm, Namespace: "acme", Package: "thing", PackageVersion: "1.0.0-rc.1",
	}).PackageVersion
	want := &codeartifact.PackageVersionDescription{
		Format: npm, Namespace: "acme", PackageName: "thing", DisplayName: "@acme/thing", Version: "1.0.0-rc.1",
		Summary: "Things <of> acme", HomePage: "https://acme.example/thing", SourceCodeRepository: "https://github.com/acme/thing",
		PublishedTime: got.PublishedTime, Licenses: []codeartifact.LicenseInfo{{Name: "MIT"}},
		Revision: got.Revision, Status: larder.Published,
		Origin: &codeartifact.PackageVersionOrigin{OriginType: "INTERNAL", DomainEntryPoint: &codeartifact.DomainEntryPoint{RepositoryName: testenv.Repository}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if len(got.Revision) != 44 || got.PublishedTime.Sub(e.Clock.Now()).Abs() > time.Millisecond {
		t.Errorf("got the revision %q, published at %v", got.Revision, got.PublishedTime)
	}
}

func TestReadme(t *testing.T) {
	e := testenv.New(t)
	const text = "# Thing\n\nUse <it> \"so\": ünïcode, \u2028 and all.\n"
	publish(t, e, e.Admin, testenv.Repository, release{name: "@acme/thing", version: "1.0.0", files: map[string]string{"README.md": text}})
	publish(t, e, e.Admin, testenv.Repository, release{name: "@acme/thing", version: "1.0.1"})
	in := &codeartifact.GetPackageVersionReadmeInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: npm, Namespace: "acme", Package: "thing", PackageVersion: "1.0.0",
	}
	got := testenv.OK(t, e.Admin, codeartifact.GetPackageVersionReadme, in)
	want := &codeartifact.GetPackageVersionReadmeOutput{
		Format: npm, Namespace: "acme", Package: "thing", Version: "1.0.0", VersionRevision: got.VersionRevision, Readme: text,
	}
	if !reflect.DeepEqual(got, want) || got.VersionRevision == "" {
		t.Errorf("got %+v, want %+v", got, want)
	}
	in.PackageVersion = "1.0.1"
	if none := testenv.Refused(t, e.Admin, codeartifact.GetPackageVersionReadme, in, "ResourceNotFoundException"); none.ResourceType != "package-version" {
		t.Errorf("got %+v", none)
	}
}

// Dependencies have pages, of a size that nobody can ask for.
func TestDependencies(t *testing.T) {
	e := testenv.New(t)
	regular := map[string]string{"@acme/base": "^1.0.0"}
	for i := range 230 {
		regular[fmt.Sprintf("dep%03d", i)] = fmt.Sprintf("~%d.0.0", i)
	}
	publish(t, e, e.Admin, testenv.Repository, release{name: "thing", version: "1.0.0", members: map[string]any{
		"dependencies": regular, "devDependencies": map[string]string{"tap": "*"},
		"peerDependencies": map[string]string{"react": ">=18"}, "optionalDependencies": map[string]string{"fsevents": "2"},
	}})
	publish(t, e, e.Admin, testenv.Repository, release{name: "thing", version: "1.0.1"})
	list := func(version, token string) (*codeartifact.ListPackageVersionDependenciesOutput, error) {
		return client.Call(t.Context(), e.Admin, codeartifact.ListPackageVersionDependencies, &codeartifact.ListPackageVersionDependenciesInput{
			Domain: testenv.Domain, Repository: testenv.Repository, Format: npm, Package: "thing", PackageVersion: version, NextToken: token,
		})
	}
	byType := map[string]int{}
	var names []string
	pages, first := 0, ""
	for token := ""; ; {
		out, err := list("1.0.0", token)
		if err != nil || len(out.Dependencies) == 0 {
			t.Fatalf("got %+v, %v", out, err)
		}
		if out.Format != npm || out.Package != "thing" || out.Version != "1.0.0" || out.VersionRevision == "" {
			t.Errorf("got %+v", out)
		}
		for _, d := range out.Dependencies {
			byType[d.DependencyType]++
			names = append(names, d.Package)
			if d.Package == "base" && d != (codeartifact.PackageDependency{Namespace: "acme", Package: "base", DependencyType: "regular", VersionRequirement: "^1.0.0"}) {
				t.Errorf("got %+v", d)
			}
		}
		pages++
		if token = out.NextToken; token == "" {
			break
		}
		if first == "" {
			first = token
		}
	}
	slices.Sort(names)
	if want := map[string]int{"regular": 231, "dev": 1, "peer": 1, "optional": 1}; !reflect.DeepEqual(byType, want) || len(slices.Compact(names)) != 234 || pages < 2 {
		t.Errorf("got %v, %d names on %d pages, want %v", byType, len(names), pages, want)
	}
	_, err := list("1.0.1", first)
	invalidToken(t, "of another version", err)
	if none, err := list("1.0.1", ""); err != nil || len(none.Dependencies) > 0 || none.NextToken != "" {
		t.Errorf("got %+v, %v", none, err)
	}
}
