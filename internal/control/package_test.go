package control_test

import (
	"reflect"
	"slices"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/testenv"
)

func TestListPackagesFilters(t *testing.T) {
	e := testenv.New(t)
	for _, name := range []string{"left", "left-pad", "right", "@acme/left", "@acme-labs/right", "@bcme/left"} {
		publish(t, e, e.Admin, testenv.Repository, release{name: name, version: "1.0.0"})
	}
	for _, tt := range []struct {
		what string
		in   codeartifact.ListPackagesInput
		want []string
	}{
		{"all", codeartifact.ListPackagesInput{}, []string{"/left", "/left-pad", "/right", "acme/left", "acme-labs/right", "bcme/left"}},
		{"a format", codeartifact.ListPackagesInput{Format: larder.NPM}, []string{"/left", "/left-pad", "/right", "acme/left", "acme-labs/right", "bcme/left"}},
		{"another format", codeartifact.ListPackagesInput{Format: larder.PyPI}, nil},
		{"a namespace is a prefix", codeartifact.ListPackagesInput{Format: larder.NPM, Namespace: "acme"}, []string{"acme/left", "acme-labs/right"}},
		{"a name is a prefix", codeartifact.ListPackagesInput{PackagePrefix: "left"}, []string{"/left", "/left-pad", "acme/left", "bcme/left"}},
		{"both", codeartifact.ListPackagesInput{Format: larder.NPM, Namespace: "acme", PackagePrefix: "r"}, []string{"acme-labs/right"}},
		{"publish", codeartifact.ListPackagesInput{Publish: "ALLOW", PackagePrefix: "right"}, []string{"/right", "acme-labs/right"}},
		{"blocked publish", codeartifact.ListPackagesInput{Publish: "BLOCK"}, nil},
		{"blocked upstream", codeartifact.ListPackagesInput{Upstream: "BLOCK", PackagePrefix: "right"}, []string{"/right", "acme-labs/right"}},
	} {
		tt.in.Domain, tt.in.Repository = testenv.Domain, testenv.Repository
		var got []string
		for _, p := range testenv.OK(t, e.Admin, codeartifact.ListPackages, &tt.in).Packages {
			if p.Format != larder.NPM || p.OriginConfiguration == nil || p.OriginConfiguration.Restrictions == nil {
				t.Errorf("%s: got %+v", tt.what, p)
			}
			got = append(got, p.Namespace+"/"+p.Package)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.what, got, tt.want)
		}
	}
	testenv.Refused(t, e.Admin, codeartifact.ListPackages, &codeartifact.ListPackagesInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Namespace: "acme",
	}, "ValidationException")
}

func TestPackage(t *testing.T) {
	e := testenv.New(t)
	publish(t, e, e.Admin, testenv.Repository, release{name: "@acme/thing", version: "1.0.0"})
	origin := &codeartifact.PackageOriginConfiguration{Restrictions: &codeartifact.PackageOriginRestrictions{Publish: "ALLOW", Upstream: "BLOCK"}}
	in := &codeartifact.DescribePackageInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: larder.NPM, Namespace: "acme", Package: "thing",
	}
	want := &codeartifact.PackageDescription{Format: larder.NPM, Namespace: "acme", Name: "thing", OriginConfiguration: origin}
	if got := testenv.OK(t, e.Admin, codeartifact.DescribePackage, in).Package; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}

	// The namespace and the name are exact, and of the format.
	for _, other := range []codeartifact.DescribePackageInput{
		{Format: larder.NPM, Package: "thing"},
		{Format: larder.NPM, Namespace: "@acme", Package: "thing"},
		{Format: larder.NPM, Namespace: "Acme", Package: "thing"},
		{Format: larder.NPM, Namespace: "acme", Package: "Thing"},
		{Format: larder.PyPI, Namespace: "acme", Package: "thing"},
	} {
		other.Domain, other.Repository = testenv.Domain, testenv.Repository
		got := testenv.Refused(t, e.Admin, codeartifact.DescribePackage, &other, "ResourceNotFoundException")
		if got.ResourceType != "package" {
			t.Errorf("%+v: got %+v", other, got)
		}
	}

	deleted := testenv.OK(t, e.Admin, codeartifact.DeletePackage, &codeartifact.DeletePackageInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: larder.NPM, Namespace: "acme", Package: "thing",
	}).DeletedPackage
	if want := (&codeartifact.PackageSummary{Format: larder.NPM, Namespace: "acme", Package: "thing", OriginConfiguration: origin}); !reflect.DeepEqual(deleted, want) {
		t.Errorf("got %+v, want %+v", deleted, want)
	}
	testenv.Refused(t, e.Admin, codeartifact.DescribePackage, in, "ResourceNotFoundException")
}
