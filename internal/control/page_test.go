package control_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

// lister reads one page of a listing: at most limit results, from where a
// token says. It returns what they are called.
type lister func(t testing.TB, c *client.Client, limit int, token string) (names []string, next string, err error)

// listings are all that have pages with a size, with what is in them.
func listings(t *testing.T, e *testenv.Env) map[string]struct {
	list lister
	want []string
} {
	t.Helper()
	const domain, repository, npm = testenv.Domain, testenv.Repository, larder.NPM
	for _, name := range []string{"alpha", "beta", "gamma", "delta"} {
		testenv.OK(t, e.Admin, codeartifact.CreateDomain, &codeartifact.CreateDomainInput{Domain: name})
		testenv.OK(t, e.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: domain, Repository: name})
	}
	testenv.OK(t, e.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: "beta", Repository: "alpha"})
	for i, name := range []string{"thing", "@acme/thing", "@acme/other", "@bcme/thing", "zebra"} {
		publish(t, e, e.Admin, repository, release{name: name, version: fmt.Sprintf("1.0.%d", i)})
	}
	for _, version := range []string{"2.0.0", "1.10.0", "1.9.0", "3.0.0-rc.1"} {
		publish(t, e, e.Admin, repository, release{name: "thing", version: version})
	}
	type listing = struct {
		list lister
		want []string
	}
	return map[string]listing{
		"ListDomains": {func(t testing.TB, c *client.Client, limit int, token string) (names []string, _ string, err error) {
			out, err := client.Call(t.Context(), c, codeartifact.ListDomains, &codeartifact.ListDomainsInput{MaxResults: limit, NextToken: token})
			if err != nil {
				return nil, "", err
			}
			for _, d := range out.Domains {
				names = append(names, d.Name)
			}
			return names, out.NextToken, nil
		}, []string{"alpha", "beta", "delta", "gamma", "team"}},
		"ListRepositories": {func(t testing.TB, c *client.Client, limit int, token string) (names []string, _ string, err error) {
			out, err := client.Call(t.Context(), c, codeartifact.ListRepositories, &codeartifact.ListRepositoriesInput{MaxResults: limit, NextToken: token})
			if err != nil {
				return nil, "", err
			}
			for _, r := range out.Repositories {
				names = append(names, r.DomainName+"/"+r.Name)
			}
			return names, out.NextToken, nil
		}, []string{"team/alpha", "beta/alpha", "team/app", "team/beta", "team/delta", "team/gamma"}},
		"ListRepositoriesInDomain": {func(t testing.TB, c *client.Client, limit int, token string) (names []string, _ string, err error) {
			out, err := client.Call(t.Context(), c, codeartifact.ListRepositoriesInDomain, &codeartifact.ListRepositoriesInDomainInput{Domain: domain, MaxResults: limit, NextToken: token})
			if err != nil {
				return nil, "", err
			}
			for _, r := range out.Repositories {
				names = append(names, r.Name)
			}
			return names, out.NextToken, nil
		}, []string{"alpha", "app", "beta", "delta", "gamma"}},
		"ListPackages": {func(t testing.TB, c *client.Client, limit int, token string) (names []string, _ string, err error) {
			out, err := client.Call(t.Context(), c, codeartifact.ListPackages, &codeartifact.ListPackagesInput{Domain: domain, Repository: repository, MaxResults: limit, NextToken: token})
			if err != nil {
				return nil, "", err
			}
			for _, p := range out.Packages {
				names = append(names, p.Namespace+"/"+p.Package)
			}
			return names, out.NextToken, nil
		}, []string{"/thing", "/zebra", "acme/other", "acme/thing", "bcme/thing"}},
		"ListPackageVersions": {func(t testing.TB, c *client.Client, limit int, token string) (names []string, _ string, err error) {
			out, err := client.Call(t.Context(), c, codeartifact.ListPackageVersions, &codeartifact.ListPackageVersionsInput{
				Domain: domain, Repository: repository, Format: npm, Package: "thing", MaxResults: limit, NextToken: token,
			})
			if err != nil {
				return nil, "", err
			}
			for _, v := range out.Versions {
				names = append(names, v.Version)
			}
			return names, out.NextToken, nil
		}, []string{"1.0.0", "1.10.0", "1.9.0", "2.0.0", "3.0.0-rc.1"}},
		"ListPackageVersions, newest first": {func(t testing.TB, c *client.Client, limit int, token string) (names []string, _ string, err error) {
			out, err := client.Call(t.Context(), c, codeartifact.ListPackageVersions, &codeartifact.ListPackageVersionsInput{
				Domain: domain, Repository: repository, Format: npm, Package: "thing", SortBy: "PUBLISHED_TIME", MaxResults: limit, NextToken: token,
			})
			if err != nil {
				return nil, "", err
			}
			for _, v := range out.Versions {
				names = append(names, v.Version)
			}
			return names, out.NextToken, nil
		}, nil}, // the clock stands still: any order, but every version once
		"ListPackageVersionAssets": {func(t testing.TB, c *client.Client, limit int, token string) (names []string, _ string, err error) {
			out, err := client.Call(t.Context(), c, codeartifact.ListPackageVersionAssets, &codeartifact.ListPackageVersionAssetsInput{
				Domain: domain, Repository: repository, Format: npm, Package: "thing", PackageVersion: "2.0.0", MaxResults: limit, NextToken: token,
			})
			if err != nil {
				return nil, "", err
			}
			for _, a := range out.Assets {
				names = append(names, a.Name)
			}
			return names, out.NextToken, nil
		}, []string{"package.tgz"}},
	}
}

// Walking through pages of any size finds everything once, in the same order.
func TestPagesJoinToTheWholeListing(t *testing.T) {
	e := testenv.New(t)
	for name, l := range listings(t, e) {
		whole, next, err := l.list(t, e.Admin, 0, "")
		if err != nil || next != "" || l.want != nil && !slices.Equal(whole, l.want) {
			t.Errorf("%s: got %v, %v, want %v", name, whole, err, l.want)
		}
		for limit := 1; limit <= 3; limit++ {
			var got []string
			for token := ""; ; {
				page, next, err := l.list(t, e.Admin, limit, token)
				if err != nil || len(page) > limit || len(page) == 0 {
					t.Fatalf("%s by %d: got the page %v, %v", name, limit, page, err)
				}
				got = append(got, page...)
				if next == "" {
					break
				}
				if len(next) > 2000 || strings.ContainsAny(next, " \t\n") {
					t.Errorf("%s: got the token %q", name, next)
				}
				token = next
			}
			if !slices.Equal(got, whole) {
				t.Errorf("%s by %d: got %v, want %v", name, limit, got, whole)
			}
		}
	}
}

// A token is good for the listing that gave it, as it was given, and for
// nothing else.
func TestATokenOfAnotherListingIsRefused(t *testing.T) {
	e := testenv.New(t)
	all := listings(t, e)
	tokens := map[string]string{}
	for name, l := range all {
		_, next, err := l.list(t, e.Admin, 1, "")
		if err != nil {
			t.Fatal(err)
		}
		if next != "" {
			tokens[name] = next
		}
	}
	if len(tokens) < 6 {
		t.Fatalf("got tokens of %d listings", len(tokens))
	}
	for name, l := range all {
		for from, token := range tokens {
			if from == name {
				for _, tampered := range []string{token + "A", "A" + token, token[:len(token)-1], flipped(token), "made-up"} {
					_, _, err := l.list(t, e.Admin, 1, tampered)
					invalidToken(t, name+": tampered", err)
				}
				continue
			}
			_, _, err := l.list(t, e.Admin, 1, token)
			invalidToken(t, name+": of "+from, err)
		}
	}
}

// flipped changes a character in the middle.
func flipped(token string) string {
	b := []byte(token)
	i := len(b) / 2
	if b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return string(b)
}

func invalidToken(t *testing.T, what string, err error) {
	t.Helper()
	if got := testenv.RefusalOf(err); got.Code != "ValidationException" || !strings.Contains(got.Message, "nextToken") {
		t.Errorf("%s: got %v, want a ValidationException about nextToken", what, err)
	}
}

// The filters of a listing are part of it.
func TestATokenKeepsTheFiltersThatItWasGivenFor(t *testing.T) {
	e := testenv.New(t)
	listings(t, e)
	list := func(in codeartifact.ListPackagesInput) (*codeartifact.ListPackagesOutput, error) {
		in.Domain, in.Repository, in.MaxResults = testenv.Domain, testenv.Repository, 1
		return client.Call(t.Context(), e.Admin, codeartifact.ListPackages, &in)
	}
	acme := codeartifact.ListPackagesInput{Format: larder.NPM, Namespace: "acme"}
	first, err := list(acme)
	if err != nil || first.NextToken == "" {
		t.Fatalf("got %+v, %v", first, err)
	}
	for _, other := range []codeartifact.ListPackagesInput{
		{},
		{Format: larder.NPM},
		{Format: larder.NPM, Namespace: "bcme"},
		{Format: larder.NPM, Namespace: "acme", PackagePrefix: "t"},
		{Format: larder.NPM, Namespace: "acme", Publish: "ALLOW"},
		{Format: larder.NPM, Namespace: "acme", Upstream: "BLOCK"},
	} {
		other.NextToken = first.NextToken
		_, err := list(other)
		invalidToken(t, fmt.Sprintf("%+v", other), err)
	}
	acme.NextToken = first.NextToken
	if second, err := list(acme); err != nil || len(second.Packages) != 1 || second.Packages[0].Package != "thing" {
		t.Errorf("got %+v, %v", second, err)
	}
}

func TestPageSizesAreBounded(t *testing.T) {
	e := testenv.New(t)
	for _, size := range []string{"0", "-1", "1001", "many", ""} {
		a := e.DoSigned(e.Admin, "codeartifact", "POST", query("/v1/packages", "domain", testenv.Domain, "repository", testenv.Repository, "max-results", size), "")
		if a.Status != 400 || a.Header.Get("X-Amzn-Errortype") != "ValidationException" {
			t.Errorf("max-results=%s: got %d %s", size, a.Status, a.Body)
		}
		a = e.DoSigned(e.Admin, "codeartifact", "POST", "/v1/domains", `{"maxResults":`+size+`}`)
		if a.Status != 400 || a.Header.Get("X-Amzn-Errortype") != "ValidationException" {
			t.Errorf("maxResults %s: got %d %s", size, a.Status, a.Body)
		}
	}
}
