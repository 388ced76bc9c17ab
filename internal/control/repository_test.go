package control_test

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/testenv"
)

func TestRepositories(t *testing.T) {
	e := testenv.New(t)
	text := "Things of <ours>"
	made := testenv.OK(t, e.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{
		Domain: testenv.Domain, Repository: "Second.one", Description: &text, Tags: []codeartifact.Tag{{Key: "k", Value: "v"}},
	}).Repository
	want := &codeartifact.RepositoryDescription{
		Name: "Second.one", AdministratorAccount: e.Account, DomainName: testenv.Domain, DomainOwner: e.Account,
		Arn: repositoryARN(e, "Second.one"), Description: text, CreatedTime: made.CreatedTime,
		Upstreams: []codeartifact.UpstreamRepositoryInfo{}, ExternalConnections: []codeartifact.RepositoryExternalConnectionInfo{},
	}
	if !reflect.DeepEqual(made, want) {
		t.Errorf("got %+v, want %+v", made, want)
	}
	in := &codeartifact.DescribeRepositoryInput{Domain: testenv.Domain, Repository: "Second.one"}
	if got := testenv.OK(t, e.Admin, codeartifact.DescribeRepository, in).Repository; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	tags := testenv.OK(t, e.Admin, codeartifact.ListTagsForResource, &codeartifact.ListTagsForResourceInput{ResourceArn: want.Arn}).Tags
	if !reflect.DeepEqual(tags, []codeartifact.Tag{{Key: "k", Value: "v"}}) {
		t.Errorf("got the tags %v", tags)
	}

	again := testenv.Refused(t, e.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: "Second.one"}, "ConflictException")
	if again.ResourceType != "repository" || again.ResourceID != "Second.one" {
		t.Errorf("got %+v", again)
	}
	// Names count case.
	testenv.OK(t, e.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: "second.one"})

	deleted := testenv.OK(t, e.Admin, codeartifact.DeleteRepository, &codeartifact.DeleteRepositoryInput{Domain: testenv.Domain, Repository: "Second.one"}).Repository
	if !reflect.DeepEqual(deleted, want) {
		t.Errorf("got %+v, want %+v", deleted, want)
	}
	testenv.Refused(t, e.Admin, codeartifact.DescribeRepository, in, "ResourceNotFoundException")
	testenv.Refused(t, e.Admin, codeartifact.DeleteRepository, &codeartifact.DeleteRepositoryInput{Domain: testenv.Domain, Repository: "Second.one"}, "ResourceNotFoundException")
}

// A repository made again under the name is empty, with a token of before too.
func TestARecreatedRepositoryIsEmpty(t *testing.T) {
	e := testenv.New(t)
	publish(t, e, e.Admin, testenv.Repository, release{name: "thing", version: "1.0.0"})
	token := e.Token(e.Admin)
	path := e.Endpoint("npm") + "thing"
	if a := e.Do(http.MethodGet, path, token, nil); a.Status != http.StatusOK {
		t.Fatalf("got %d %s", a.Status, a.Body)
	}
	testenv.OK(t, e.Admin, codeartifact.DeleteRepository, &codeartifact.DeleteRepositoryInput{Domain: testenv.Domain, Repository: testenv.Repository})
	if a := e.Do(http.MethodGet, path, token, nil); a.Status != http.StatusNotFound {
		t.Errorf("deleted: got %d %s", a.Status, a.Body)
	}
	testenv.OK(t, e.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: testenv.Repository})
	if a := e.Do(http.MethodGet, path, token, nil); a.Status != http.StatusNotFound {
		t.Errorf("made again: got %d %s", a.Status, a.Body)
	}
	all := testenv.OK(t, e.Admin, codeartifact.ListPackages, &codeartifact.ListPackagesInput{Domain: testenv.Domain, Repository: testenv.Repository})
	if len(all.Packages) > 0 {
		t.Errorf("got %v", all.Packages)
	}
}

// allFormats are those of the API, whether they are served yet or not.
var allFormats = [...]larder.Format{
	larder.Cargo, larder.Generic, larder.Maven, larder.NPM, larder.NuGet, larder.PyPI, larder.Ruby, larder.Swift,
}

func TestRepositoryEndpoints(t *testing.T) {
	for _, tt := range []struct {
		name     string
		settings []func(*config.Config)
		want     func(e *testenv.Env, f larder.Format) string
	}{
		{"by path", nil, func(e *testenv.Env, f larder.Format) string {
			return e.URL + "/" + string(f) + "/d/team-" + e.Account + "/app/"
		}},
		{"by host", []func(*config.Config){func(c *config.Config) { c.HostSuffix = "registry.test" }}, func(e *testenv.Env, f larder.Format) string {
			port := e.URL[strings.LastIndexByte(e.URL, ':'):]
			return "http://team-" + e.Account + ".d.codeartifact.us-east-1.registry.test" + port + "/" + string(f) + "/app/"
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := testenv.New(t, tt.settings...)
			for _, f := range allFormats {
				for _, kind := range []string{"", "ipv4", "dualstack"} {
					got := testenv.OK(t, e.Admin, codeartifact.GetRepositoryEndpoint, &codeartifact.GetRepositoryEndpointInput{
						Domain: testenv.Domain, Repository: testenv.Repository, Format: f, EndpointType: kind,
					}).RepositoryEndpoint
					if want := tt.want(e, f); got != want {
						t.Errorf("%s %s: got %s, want %s", f, kind, got, want)
					}
				}
			}
		})
	}
}

func TestRepositoryEndpointsOfUnknownKinds(t *testing.T) {
	e := testenv.New(t)
	for _, pairs := range [][]string{
		{"format", "docker"},
		{"format", "npm", "endpointType", "ipv6"},
		{},
	} {
		target := query("/v1/repository/endpoint", append(pairs, "domain", testenv.Domain, "repository", testenv.Repository)...)
		a := e.DoSigned(e.Admin, "codeartifact", http.MethodGet, target, "")
		if a.Status != http.StatusBadRequest || a.Header.Get("X-Amzn-Errortype") != "ValidationException" || !strings.Contains(a.Body, `"reason":"FIELD_VALIDATION_FAILED"`) {
			t.Errorf("%v: got %d %s", pairs, a.Status, a.Body)
		}
	}
}

func TestRepositoryListingsFilter(t *testing.T) {
	e := testenv.New(t)
	for _, name := range []string{"apple", "Apple", "banana"} {
		testenv.OK(t, e.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: name})
	}
	for prefix, want := range map[string][]string{
		"": {"Apple", "app", "apple", "banana"}, "app": {"app", "apple"}, "Ap": {"Apple"}, "apples": nil,
	} {
		var own, inDomain []string
		for _, r := range testenv.OK(t, e.Admin, codeartifact.ListRepositories, &codeartifact.ListRepositoriesInput{RepositoryPrefix: prefix}).Repositories {
			own = append(own, r.Name)
		}
		for _, r := range testenv.OK(t, e.Admin, codeartifact.ListRepositoriesInDomain, &codeartifact.ListRepositoriesInDomainInput{
			Domain: testenv.Domain, RepositoryPrefix: prefix,
		}).Repositories {
			inDomain = append(inDomain, r.Name)
		}
		if !slices.Equal(own, want) || !slices.Equal(inDomain, want) {
			t.Errorf("%q: got %v and %v, want %v", prefix, own, inDomain, want)
		}
	}
}

// A repository that another account made in one's domain is administered by
// that account, and of the domain all the same.
func TestARepositoryOfAnotherAccountInOnesDomain(t *testing.T) {
	e := testenv.New(t)
	account := e.NewAccount()
	other := e.Root(account)
	testenv.OK(t, e.Admin, codeartifact.PutDomainPermissionsPolicy, &codeartifact.PutDomainPermissionsPolicyInput{
		Domain: testenv.Domain, PolicyDocument: document(grant(account, "codeartifact:CreateRepository")),
	})
	made := testenv.OK(t, other, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{
		Domain: testenv.Domain, DomainOwner: e.Account, Repository: "theirs",
	}).Repository
	if made.AdministratorAccount != account || made.DomainOwner != e.Account || made.Arn != repositoryARN(e, "theirs") {
		t.Errorf("got %+v", made)
	}
	testenv.OK(t, e.Admin, codeartifact.DeleteDomainPermissionsPolicy, &codeartifact.DeleteDomainPermissionsPolicyInput{Domain: testenv.Domain})

	// Both accounts may do as their own policies say.
	describe := &codeartifact.DescribeRepositoryInput{Domain: testenv.Domain, DomainOwner: e.Account, Repository: "theirs"}
	testenv.OK(t, other, codeartifact.DescribeRepository, describe)
	testenv.OK(t, e.Admin, codeartifact.DescribeRepository, describe)
	testenv.Refused(t, other, codeartifact.DescribeRepository, &codeartifact.DescribeRepositoryInput{
		Domain: testenv.Domain, DomainOwner: e.Account, Repository: testenv.Repository,
	}, "AccessDeniedException")
	testenv.Refused(t, e.Root(e.NewAccount()), codeartifact.DescribeRepository, describe, "AccessDeniedException")

	names := func(all []codeartifact.RepositorySummary) (names []string) {
		for _, r := range all {
			names = append(names, r.Name)
		}
		return names
	}
	for what, tt := range map[string]struct{ got, want []string }{
		"those that the owner administers": {
			names(testenv.OK(t, e.Admin, codeartifact.ListRepositories, &codeartifact.ListRepositoriesInput{}).Repositories), []string{"app"},
		},
		"those that the other administers": {
			names(testenv.OK(t, other, codeartifact.ListRepositories, &codeartifact.ListRepositoriesInput{}).Repositories), []string{"theirs"},
		},
		"those in the domain": {
			names(testenv.OK(t, e.Admin, codeartifact.ListRepositoriesInDomain, &codeartifact.ListRepositoriesInDomainInput{Domain: testenv.Domain}).Repositories),
			[]string{"app", "theirs"},
		},
		"of one administrator": {
			names(testenv.OK(t, e.Admin, codeartifact.ListRepositoriesInDomain, &codeartifact.ListRepositoriesInDomainInput{
				Domain: testenv.Domain, AdministratorAccount: account,
			}).Repositories), []string{"theirs"},
		},
	} {
		if !slices.Equal(tt.got, tt.want) {
			t.Errorf("%s: got %v, want %v", what, tt.got, tt.want)
		}
	}
}

func TestARepositoryIsMadeWithItsUpstreams(t *testing.T) {
	e := testenv.New(t)
	for name, upstreams := range map[string][]codeartifact.UpstreamRepository{
		"second": {{RepositoryName: testenv.Repository}},
		"third":  {}, // as the AWS CLI sends --upstreams without names
	} {
		testenv.OK(t, e.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: name, Upstreams: upstreams})
		got := testenv.OK(t, e.Admin, codeartifact.DescribeRepository, &codeartifact.DescribeRepositoryInput{Domain: testenv.Domain, Repository: name}).Repository
		if len(got.Upstreams) != len(upstreams) || len(upstreams) > 0 && got.Upstreams[0].RepositoryName != testenv.Repository {
			t.Errorf("%s: got %+v, want %+v", name, got.Upstreams, upstreams)
		}
	}
}
