package control_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
	"larder.example/larder/internal/wire"
)

// operation is one call, the resource that it asks about, and what is missing
// if nothing is there: a resource type, or nothing if the call succeeds.
type operation struct {
	op                wire.Info
	resource, missing string
	call              func(context.Context, *client.Client) error
}

func calls[In, Out any](op wire.Op[In, Out], resource, missing string, in *In) operation {
	return operation{wire.Info(op), resource, missing, func(ctx context.Context, c *client.Client) error {
		_, err := client.Call(ctx, c, op, in)
		return err
	}}
}

// operations are all that are mounted, about a domain, and in it a repository,
// a package and a version.
func operations(e *testenv.Env, domain, repository, pkg, version string) []operation {
	const npm = larder.NPM
	on := larder.DomainRef{Owner: e.Account, Name: domain}
	in := larder.RepositoryRef{Domain: on, Name: repository}
	d, r := string(on.ARN(region)), string(in.ARN(region))
	p := string(larder.PackageRef{Repository: in, Format: npm, Namespace: "acme", Name: pkg}.ARN(region))
	file := generic(version, "a.txt", "", false)
	file.Domain, file.Repository, file.Package = domain, repository, pkg
	g := string(larder.PackageRef{Repository: in, Format: file.Format, Namespace: file.Namespace, Name: pkg}.ARN(region))
	policy := document(grant("*", "codeartifact:ReadFromRepository"))
	group := larder.PackageGroupRef{Domain: on, Pattern: "/npm/" + pkg + "/*"} // of which the package is none
	gr, every := string(group.ARN(region)), string(larder.PackageGroupRef{Domain: on, Pattern: "/*"}.ARN(region))
	return []operation{
		calls(codeartifact.GetAuthorizationToken, d, "domain", &codeartifact.GetAuthorizationTokenInput{Domain: domain}),

		calls(codeartifact.CopyPackageVersions, r, "repository", &codeartifact.CopyPackageVersionsInput{
			Domain: domain, SourceRepository: "source", DestinationRepository: repository, Format: npm, Namespace: "acme", Package: pkg, Versions: []string{version},
		}),

		calls(codeartifact.CreateDomain, d, "", &codeartifact.CreateDomainInput{Domain: domain}),
		calls(codeartifact.DescribeDomain, d, "domain", &codeartifact.DescribeDomainInput{Domain: domain}),
		calls(codeartifact.ListDomains, "*", "", &codeartifact.ListDomainsInput{}),
		calls(codeartifact.DeleteDomain, d, "", &codeartifact.DeleteDomainInput{Domain: domain}),
		calls(codeartifact.PutDomainPermissionsPolicy, d, "domain", &codeartifact.PutDomainPermissionsPolicyInput{Domain: domain, PolicyDocument: policy}),
		calls(codeartifact.GetDomainPermissionsPolicy, d, "domain", &codeartifact.GetDomainPermissionsPolicyInput{Domain: domain}),
		calls(codeartifact.DeleteDomainPermissionsPolicy, d, "domain", &codeartifact.DeleteDomainPermissionsPolicyInput{Domain: domain}),

		calls(codeartifact.CreateRepository, r, "domain", &codeartifact.CreateRepositoryInput{Domain: domain, Repository: repository}),
		calls(codeartifact.DescribeRepository, r, "repository", &codeartifact.DescribeRepositoryInput{Domain: domain, Repository: repository}),
		calls(codeartifact.ListRepositories, "*", "", &codeartifact.ListRepositoriesInput{}),
		calls(codeartifact.ListRepositoriesInDomain, d, "domain", &codeartifact.ListRepositoriesInDomainInput{Domain: domain}),
		calls(codeartifact.UpdateRepository, r, "repository", &codeartifact.UpdateRepositoryInput{Domain: domain, Repository: repository}),
		calls(codeartifact.AssociateExternalConnection, r, "repository", &codeartifact.AssociateExternalConnectionInput{Domain: domain, Repository: repository, ExternalConnection: "public:npmjs"}),
		calls(codeartifact.DisassociateExternalConnection, r, "repository", &codeartifact.DisassociateExternalConnectionInput{Domain: domain, Repository: repository, ExternalConnection: "public:npmjs"}),
		calls(codeartifact.DeleteRepository, r, "repository", &codeartifact.DeleteRepositoryInput{Domain: domain, Repository: repository}),
		calls(codeartifact.GetRepositoryEndpoint, r, "repository", &codeartifact.GetRepositoryEndpointInput{Domain: domain, Repository: repository, Format: npm}),
		calls(codeartifact.PutRepositoryPermissionsPolicy, r, "repository", &codeartifact.PutRepositoryPermissionsPolicyInput{Domain: domain, Repository: repository, PolicyDocument: policy}),
		calls(codeartifact.GetRepositoryPermissionsPolicy, r, "repository", &codeartifact.GetRepositoryPermissionsPolicyInput{Domain: domain, Repository: repository}),
		calls(codeartifact.DeleteRepositoryPermissionsPolicy, r, "repository", &codeartifact.DeleteRepositoryPermissionsPolicyInput{Domain: domain, Repository: repository}),

		calls(codeartifact.ListPackages, r, "repository", &codeartifact.ListPackagesInput{Domain: domain, Repository: repository}),
		calls(codeartifact.DescribePackage, p, "package", &codeartifact.DescribePackageInput{Domain: domain, Repository: repository, Format: npm, Namespace: "acme", Package: pkg}),
		calls(codeartifact.DeletePackage, p, "package", &codeartifact.DeletePackageInput{Domain: domain, Repository: repository, Format: npm, Namespace: "acme", Package: pkg}),

		calls(codeartifact.PutPackageOriginConfiguration, p, "repository", &codeartifact.PutPackageOriginConfigurationInput{
			Domain: domain, Repository: repository, Format: npm, Namespace: "acme", Package: pkg,
			Restrictions: &codeartifact.PackageOriginRestrictions{Publish: "ALLOW", Upstream: "BLOCK"},
		}),

		calls(codeartifact.ListPackageVersions, p, "package", &codeartifact.ListPackageVersionsInput{Domain: domain, Repository: repository, Format: npm, Namespace: "acme", Package: pkg}),
		calls(codeartifact.DescribePackageVersion, p, "package-version", &codeartifact.DescribePackageVersionInput{Domain: domain, Repository: repository, Format: npm, Namespace: "acme", Package: pkg, PackageVersion: version}),
		calls(codeartifact.PublishPackageVersion, g, "repository", file),
		calls(codeartifact.UpdatePackageVersionsStatus, p, "package", &codeartifact.UpdatePackageVersionsStatusInput{Domain: domain, Repository: repository, Format: npm, Namespace: "acme", Package: pkg, Versions: []string{version}, TargetStatus: larder.Published}),
		calls(codeartifact.DisposePackageVersions, p, "package", &codeartifact.DisposePackageVersionsInput{Domain: domain, Repository: repository, Format: npm, Namespace: "acme", Package: pkg, Versions: []string{version}}),
		calls(codeartifact.DeletePackageVersions, p, "package", &codeartifact.DeletePackageVersionsInput{Domain: domain, Repository: repository, Format: npm, Namespace: "acme", Package: pkg, Versions: []string{version}}),
		calls(codeartifact.ListPackageVersionAssets, p, "package-version", &codeartifact.ListPackageVersionAssetsInput{Domain: domain, Repository: repository, Format: npm, Namespace: "acme", Package: pkg, PackageVersion: version}),
		calls(codeartifact.GetPackageVersionAsset, p, "package-version", &codeartifact.GetPackageVersionAssetInput{Domain: domain, Repository: repository, Format: npm, Namespace: "acme", Package: pkg, PackageVersion: version, Asset: "package.tgz"}),
		calls(codeartifact.GetPackageVersionReadme, p, "package-version", &codeartifact.GetPackageVersionReadmeInput{Domain: domain, Repository: repository, Format: npm, Namespace: "acme", Package: pkg, PackageVersion: version}),
		calls(codeartifact.ListPackageVersionDependencies, p, "package-version", &codeartifact.ListPackageVersionDependenciesInput{Domain: domain, Repository: repository, Format: npm, Namespace: "acme", Package: pkg, PackageVersion: version}),

		calls(codeartifact.CreatePackageGroup, gr, "domain", &codeartifact.CreatePackageGroupInput{Domain: domain, PackageGroup: group.Pattern}),
		calls(codeartifact.DescribePackageGroup, gr, "domain", &codeartifact.DescribePackageGroupInput{Domain: domain, PackageGroup: group.Pattern}),
		calls(codeartifact.UpdatePackageGroup, gr, "domain", &codeartifact.UpdatePackageGroupInput{Domain: domain, PackageGroup: group.Pattern}),
		calls(codeartifact.DeletePackageGroup, gr, "domain", &codeartifact.DeletePackageGroupInput{Domain: domain, PackageGroup: group.Pattern}),
		calls(codeartifact.UpdatePackageGroupOriginConfiguration, gr, "domain", &codeartifact.UpdatePackageGroupOriginConfigurationInput{
			Domain: domain, PackageGroup: group.Pattern, Restrictions: map[string]string{"PUBLISH": "INHERIT"},
		}),
		calls(codeartifact.ListPackageGroups, d, "domain", &codeartifact.ListPackageGroupsInput{Domain: domain}),
		calls(codeartifact.ListSubPackageGroups, gr, "domain", &codeartifact.ListSubPackageGroupsInput{Domain: domain, PackageGroup: group.Pattern}),
		calls(codeartifact.ListAllowedRepositoriesForGroup, gr, "domain", &codeartifact.ListAllowedRepositoriesForGroupInput{
			Domain: domain, PackageGroup: group.Pattern, OriginRestrictionType: "PUBLISH",
		}),
		calls(codeartifact.ListAssociatedPackages, gr, "domain", &codeartifact.ListAssociatedPackagesInput{Domain: domain, PackageGroup: group.Pattern}),
		calls(codeartifact.GetAssociatedPackageGroup, every, "domain", &codeartifact.GetAssociatedPackageGroupInput{Domain: domain, Format: npm, Namespace: "acme", Package: pkg}),

		calls(codeartifact.TagResource, r, "repository", &codeartifact.TagResourceInput{ResourceArn: r, Tags: []codeartifact.Tag{{Key: "k"}}}),
		calls(codeartifact.UntagResource, r, "repository", &codeartifact.UntagResourceInput{ResourceArn: r, TagKeys: []string{"k"}}),
		calls(codeartifact.ListTagsForResource, r, "repository", &codeartifact.ListTagsForResourceInput{ResourceArn: r}),
	}
}

func TestTheTableOfOperationsIsComplete(t *testing.T) {
	m := artifacts()
	seen := map[string]bool{}
	for _, o := range operations(&testenv.Env{}, "d", "r", "p", "v") {
		seen[o.op.Name] = true
	}
	for _, op := range codeartifact.Ops {
		if m.Handles(op) != seen[op.Name] {
			t.Errorf("%s: mounted %v, in the table %v", op.Name, m.Handles(op), seen[op.Name])
		}
	}
}

// Who may nothing is told which permission is missing, and learns nothing
// about what there is: the answer is the same whether anything is there.
func TestWhoMayNothingIsDeniedEverything(t *testing.T) {
	e := testenv.New(t)
	publish(t, e, e.Admin, testenv.Repository, release{name: "@acme/thing", version: "1.0.0"})
	nobody := e.User("nobody")
	for _, all := range [][]operation{
		operations(e, testenv.Domain, testenv.Repository, "thing", "1.0.0"),
		operations(e, testenv.Domain, testenv.Repository, "thing", "9.9.9"),
		operations(e, testenv.Domain, testenv.Repository, "absent", "1.0.0"),
		operations(e, testenv.Domain, "absent", "thing", "1.0.0"),
		operations(e, "absent", testenv.Repository, "thing", "1.0.0"),
	} {
		for _, o := range all {
			err := o.call(t.Context(), nobody)
			want := "User: arn:aws:iam::" + e.Account + ":user/nobody is not authorized to perform: " + o.op.Action() +
				" on resource: " + o.resource + " because no identity-based policy allows the " + o.op.Action() + " action"
			if got := testenv.RefusalOf(err); got.Code != "AccessDeniedException" || got.Status != 403 || got.Message != want {
				t.Errorf("%s: got %v, want %s", o.op.Name, err, want)
			}
		}
	}
}

// One permission is enough for each operation, on the resource that it names
// and on no other, but for those that need more.
func TestEachOperationNeedsItsOwnPermission(t *testing.T) {
	e := testenv.New(t)
	one := e.User("one")
	all := operations(e, "fresh", "fresh", "thing", "1.0.0")
	for _, o := range all[2:] { // the first, a token and a copy, need two
		t.Run(o.op.Name, func(t *testing.T) {
			e.PutUserPolicy("one", "p", document(allow(o.op.Action(), o.resource)))
			if err := o.call(t.Context(), one); larder.Denied.Is(err) {
				t.Errorf("allowed: got %v", err)
			}
			e.PutUserPolicy("one", "p", document(allow("*", "*"), deny(o.op.Action(), o.resource)))
			err := o.call(t.Context(), one)
			if !larder.Denied.Is(err) || !strings.HasSuffix(larder.AsError(err).Message, "with an explicit deny in an identity-based policy") {
				t.Errorf("denied: got %v", err)
			}
			if o.resource == "*" {
				return
			}
			e.PutUserPolicy("one", "p", document(allow(o.op.Action(), o.resource+"x")))
			if err := o.call(t.Context(), one); !larder.Denied.Is(err) {
				t.Errorf("allowed on another resource: got %v", err)
			}
		})
	}
}

// depth is how deep inside a domain something is.
func depth(kind string) int {
	return slices.Index([]string{"domain", "repository", "package", "package-version"}, kind)
}

// What is missing is named, from the outside in.
func TestWhatIsNotThereIsNamed(t *testing.T) {
	e := testenv.New(t)
	publish(t, e, e.Admin, testenv.Repository, release{name: "@acme/thing", version: "1.0.0"})
	for _, tt := range []struct {
		missing, id string
		all         []operation
	}{
		{"domain", "absent", operations(e, "absent", testenv.Repository, "thing", "1.0.0")},
		{"repository", "absent", operations(e, testenv.Domain, "absent", "thing", "1.0.0")},
		{"package", "acme/absent", operations(e, testenv.Domain, testenv.Repository, "absent", "1.0.0")},
		{"package-version", "9.9.9", operations(e, testenv.Domain, testenv.Repository, "thing", "9.9.9")},
	} {
		for _, o := range tt.all {
			if depth(o.missing) < depth(tt.missing) {
				continue
			}
			err := o.call(t.Context(), e.Admin)
			got := testenv.RefusalOf(err)
			if got.Code != "ResourceNotFoundException" || got.Status != 404 ||
				got.ResourceType != tt.missing || got.ResourceID != tt.id {
				t.Errorf("no %s: %s: got %v, want ResourceNotFoundException of the %s %s", tt.missing, o.op.Name, err, tt.missing, tt.id)
			}
		}
	}
}

// Names that are none are refused by every operation that takes them, all of
// them in one answer.
func TestNamesThatAreNoneAreRefused(t *testing.T) {
	e := testenv.New(t)
	for _, o := range operations(e, "Team", "a", "thing#1", "1 0") {
		if o.resource == "*" || strings.HasSuffix(o.op.Path, "tag") || strings.HasSuffix(o.op.Path, "tags") {
			continue // takes no name
		}
		err := o.call(t.Context(), e.Admin)
		got := testenv.RefusalOf(err)
		if got.Code != "ValidationException" || got.Status != 400 || got.Reason != "FIELD_VALIDATION_FAILED" ||
			!strings.Contains(got.Message, "Value 'Team' at 'domain' failed to satisfy constraint: Member must satisfy regular expression pattern: ") {
			t.Errorf("%s: got %v", o.op.Name, err)
		}
		if depth(o.missing) >= depth("package") && !strings.Contains(got.Message, "'thing#1' at 'package'") {
			t.Errorf("%s: got %v, want the package named too", o.op.Name, err)
		}
	}
}
