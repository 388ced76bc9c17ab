package control_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

func groupARN(e *testenv.Env, pattern string) string {
	return string(larder.PackageGroupRef{Domain: larder.DomainRef{Owner: e.Account, Name: testenv.Domain}, Pattern: pattern}.ARN(region))
}

func makeGroup(t *testing.T, e *testenv.Env, pattern string) {
	t.Helper()
	testenv.OK(t, e.Admin, codeartifact.CreatePackageGroup, &codeartifact.CreatePackageGroupInput{Domain: testenv.Domain, PackageGroup: pattern})
}

func TestPackageGroups(t *testing.T) {
	e := testenv.New(t)
	root := &codeartifact.PackageGroupReference{Arn: groupARN(e, "/*"), Pattern: "/*"}
	inherits := codeartifact.PackageGroupOriginRestriction{Mode: "INHERIT", EffectiveMode: "ALLOW", InheritedFrom: root, RepositoriesCount: new(int64(0))}
	made := testenv.OK(t, e.Admin, codeartifact.CreatePackageGroup, &codeartifact.CreatePackageGroupInput{
		Domain: testenv.Domain, PackageGroup: "/npm/acme/*", ContactInfo: new("web@acme"), Description: new("Ours"),
		Tags: []codeartifact.Tag{{Key: "team", Value: "web"}},
	}).PackageGroup
	want := &codeartifact.PackageGroupDescription{
		Arn:     "arn:aws:codeartifact:us-east-1:" + e.Account + ":package-group/team/npm/acme/%2a",
		Pattern: "/npm/acme/*", DomainName: testenv.Domain, DomainOwner: e.Account, CreatedTime: made.CreatedTime,
		ContactInfo: "web@acme", Description: "Ours", Parent: root,
		OriginConfiguration: &codeartifact.PackageGroupOriginConfiguration{Restrictions: map[string]codeartifact.PackageGroupOriginRestriction{
			"PUBLISH": inherits, "INTERNAL_UPSTREAM": inherits, "EXTERNAL_UPSTREAM": inherits,
		}},
	}
	if !reflect.DeepEqual(made, want) {
		t.Errorf("got %+v, want %+v", made, want)
	}
	in := &codeartifact.DescribePackageGroupInput{Domain: testenv.Domain, PackageGroup: "/npm/acme/*"}
	if got := testenv.OK(t, e.Admin, codeartifact.DescribePackageGroup, in).PackageGroup; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	tags := testenv.OK(t, e.Admin, codeartifact.ListTagsForResource, &codeartifact.ListTagsForResourceInput{ResourceArn: want.Arn}).Tags
	if !reflect.DeepEqual(tags, []codeartifact.Tag{{Key: "team", Value: "web"}}) {
		t.Errorf("got the tags %v", tags)
	}
	again := testenv.Refused(t, e.Admin, codeartifact.CreatePackageGroup, &codeartifact.CreatePackageGroupInput{Domain: testenv.Domain, PackageGroup: "/npm/acme/*"}, "ConflictException")
	if again.ResourceID != "/npm/acme/*" {
		t.Errorf("got %+v", again)
	}

	// A text that a call does not have stays, an empty one goes.
	want.ContactInfo = ""
	changed := testenv.OK(t, e.Admin, codeartifact.UpdatePackageGroup, &codeartifact.UpdatePackageGroupInput{
		Domain: testenv.Domain, PackageGroup: "/npm/acme/*", ContactInfo: new(""),
	}).PackageGroup
	if !reflect.DeepEqual(changed, want) {
		t.Errorf("got %+v, want %+v", changed, want)
	}
	deleted := testenv.OK(t, e.Admin, codeartifact.DeletePackageGroup, &codeartifact.DeletePackageGroupInput{Domain: testenv.Domain, PackageGroup: "/npm/acme/*"}).PackageGroup
	if !reflect.DeepEqual(deleted, want) {
		t.Errorf("got %+v, want %+v", deleted, want)
	}
	gone := testenv.Refused(t, e.Admin, codeartifact.DescribePackageGroup, in, "ResourceNotFoundException")
	if gone.ResourceID != "/npm/acme/*" || gone.ResourceType != "" {
		t.Errorf("got %+v", gone)
	}
	testenv.Refused(t, e.Admin, codeartifact.ListTagsForResource, &codeartifact.ListTagsForResourceInput{ResourceArn: want.Arn}, "ResourceNotFoundException")
	testenv.Refused(t, e.Admin, codeartifact.DeletePackageGroup, &codeartifact.DeletePackageGroupInput{Domain: testenv.Domain, PackageGroup: "/*"}, "ValidationException")
	testenv.Refused(t, e.Admin, codeartifact.CreatePackageGroup, &codeartifact.CreatePackageGroupInput{Domain: testenv.Domain, PackageGroup: "/pypi//Flask$"}, "ValidationException")
}

func TestWhatIsNotThereOfPackageGroups(t *testing.T) {
	e := testenv.New(t)
	const absent = "/npm/acme/*"
	on := []operation{
		calls(codeartifact.DescribePackageGroup, "", "", &codeartifact.DescribePackageGroupInput{Domain: testenv.Domain, PackageGroup: absent}),
		calls(codeartifact.UpdatePackageGroup, "", "", &codeartifact.UpdatePackageGroupInput{Domain: testenv.Domain, PackageGroup: absent}),
		calls(codeartifact.DeletePackageGroup, "", "", &codeartifact.DeletePackageGroupInput{Domain: testenv.Domain, PackageGroup: absent}),
		calls(codeartifact.UpdatePackageGroupOriginConfiguration, "", "", &codeartifact.UpdatePackageGroupOriginConfigurationInput{Domain: testenv.Domain, PackageGroup: absent}),
		calls(codeartifact.ListSubPackageGroups, "", "", &codeartifact.ListSubPackageGroupsInput{Domain: testenv.Domain, PackageGroup: absent}),
		calls(codeartifact.ListAssociatedPackages, "", "", &codeartifact.ListAssociatedPackagesInput{Domain: testenv.Domain, PackageGroup: absent}),
		calls(codeartifact.ListAllowedRepositoriesForGroup, "", "", &codeartifact.ListAllowedRepositoriesForGroupInput{Domain: testenv.Domain, PackageGroup: absent, OriginRestrictionType: "PUBLISH"}),
		calls(codeartifact.TagResource, "", "", &codeartifact.TagResourceInput{ResourceArn: groupARN(e, absent), Tags: []codeartifact.Tag{{Key: "k"}}}),
	}
	for _, o := range on {
		got := testenv.RefusalOf(o.call(t.Context(), e.Admin))
		if got.Code != "ResourceNotFoundException" || got.Status != 404 || !strings.Contains(got.Message, "Package group '"+absent+"' does not exist in domain 'team'.") {
			t.Errorf("%s: got %+v", o.op.Name, got)
		}
	}
}

func TestTheOriginConfigurationOfAPackageGroup(t *testing.T) {
	e := testenv.New(t)
	testenv.OK(t, e.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: "store"})
	makeGroup(t, e, "/npm/acme/*")
	listed := func(k string, names ...string) (all []codeartifact.PackageGroupAllowedRepository) {
		for _, name := range names {
			all = append(all, codeartifact.PackageGroupAllowedRepository{RepositoryName: name, OriginRestrictionType: k})
		}
		return all
	}
	update := func(in codeartifact.UpdatePackageGroupOriginConfigurationInput) *codeartifact.UpdatePackageGroupOriginConfigurationOutput {
		t.Helper()
		in.Domain, in.PackageGroup = testenv.Domain, "/npm/acme/*"
		return testenv.OK(t, e.Admin, codeartifact.UpdatePackageGroupOriginConfiguration, &in)
	}
	out := update(codeartifact.UpdatePackageGroupOriginConfigurationInput{
		Restrictions:           map[string]string{"PUBLISH": "ALLOW_SPECIFIC_REPOSITORIES", "EXTERNAL_UPSTREAM": "BLOCK"},
		AddAllowedRepositories: slices.Concat(listed("PUBLISH", "store", testenv.Repository), listed("EXTERNAL_UPSTREAM", "store")),
	})
	if want := map[string]map[string][]string{"PUBLISH": {"ADDED": {"store", testenv.Repository}}, "EXTERNAL_UPSTREAM": {"ADDED": {"store"}}}; !reflect.DeepEqual(out.AllowedRepositoryUpdates, want) {
		t.Errorf("got %v, want %v", out.AllowedRepositoryUpdates, want)
	}
	if got := out.PackageGroup.OriginConfiguration.Restrictions["PUBLISH"]; !reflect.DeepEqual(got, codeartifact.PackageGroupOriginRestriction{
		Mode: "ALLOW_SPECIFIC_REPOSITORIES", EffectiveMode: "ALLOW_SPECIFIC_REPOSITORIES", RepositoriesCount: new(int64(2)),
	}) {
		t.Errorf("got %+v", got)
	}
	// What is so already is no update, and nothing to complain of.
	out = update(codeartifact.UpdatePackageGroupOriginConfigurationInput{
		AddAllowedRepositories: listed("PUBLISH", "store"), RemoveAllowedRepositories: listed("INTERNAL_UPSTREAM", "store"),
	})
	if len(out.AllowedRepositoryUpdates) > 0 || out.AllowedRepositoryUpdates == nil {
		t.Errorf("got %v", out.AllowedRepositoryUpdates)
	}
	out = update(codeartifact.UpdatePackageGroupOriginConfigurationInput{RemoveAllowedRepositories: listed("PUBLISH", testenv.Repository)})
	if want := map[string]map[string][]string{"PUBLISH": {"REMOVED": {testenv.Repository}}}; !reflect.DeepEqual(out.AllowedRepositoryUpdates, want) {
		t.Errorf("got %v, want %v", out.AllowedRepositoryUpdates, want)
	}
	got := testenv.OK(t, e.Admin, codeartifact.ListAllowedRepositoriesForGroup, &codeartifact.ListAllowedRepositoriesForGroupInput{
		Domain: testenv.Domain, PackageGroup: "/npm/acme/*", OriginRestrictionType: "PUBLISH",
	}).AllowedRepositories
	if !slices.Equal(got, []string{"store"}) {
		t.Errorf("got %v", got)
	}
	for what, tt := range map[string]struct {
		pattern, code string
		in            codeartifact.UpdatePackageGroupOriginConfigurationInput
	}{
		"a repository that there is not": {"/npm/acme/*", "ResourceNotFoundException", codeartifact.UpdatePackageGroupOriginConfigurationInput{AddAllowedRepositories: listed("PUBLISH", "none")}},
		"a repository of nothing":        {"/npm/acme/*", "ValidationException", codeartifact.UpdatePackageGroupOriginConfigurationInput{AddAllowedRepositories: listed("", "store")}},
		"nothing in place of a name":     {"/npm/acme/*", "ValidationException", codeartifact.UpdatePackageGroupOriginConfigurationInput{RemoveAllowedRepositories: listed("PUBLISH", "")}},
		"a mode that is none":            {"/npm/acme/*", "ValidationException", codeartifact.UpdatePackageGroupOriginConfigurationInput{Restrictions: map[string]string{"PUBLISH": "MAYBE"}}},
		"a restriction that is none":     {"/npm/acme/*", "ValidationException", codeartifact.UpdatePackageGroupOriginConfigurationInput{Restrictions: map[string]string{"COPY": "ALLOW"}}},
		"a root that inherits":           {"/*", "ValidationException", codeartifact.UpdatePackageGroupOriginConfigurationInput{Restrictions: map[string]string{"PUBLISH": "INHERIT"}}},
	} {
		tt.in.Domain, tt.in.PackageGroup = testenv.Domain, tt.pattern
		if _, err := client.Call(t.Context(), e.Admin, codeartifact.UpdatePackageGroupOriginConfiguration, &tt.in); testenv.RefusalOf(err).Code != tt.code {
			t.Errorf("%s: got %v, want %s", what, err, tt.code)
		}
	}
}

func TestAssociatedPackages(t *testing.T) {
	e := testenv.New(t)
	for _, name := range []string{"@acme/ui", "@acme/ui-kit", "left-pad"} {
		publish(t, e, e.Admin, testenv.Repository, release{name: name, version: "1.0.0"})
	}
	makeGroup(t, e, "/npm/acme/*")
	makeGroup(t, e, "/npm/acme/ui.kit$")
	of := func(namespace, name string) string {
		out := testenv.OK(t, e.Admin, codeartifact.GetAssociatedPackageGroup, &codeartifact.GetAssociatedPackageGroupInput{
			Domain: testenv.Domain, Format: larder.NPM, Namespace: namespace, Package: name,
		})
		return out.PackageGroup.Pattern + " " + out.AssociationType
	}
	for _, tt := range [][3]string{
		{"acme", "ui", "/npm/acme/* STRONG"},
		{"acme", "ui-kit", "/npm/acme/ui.kit$ WEAK"},
		{"Acme", "absent", "/npm/acme/* WEAK"},
		{"", "left-pad", "/* STRONG"},
	} {
		if got := of(tt[0], tt[1]); got != tt[2] {
			t.Errorf("%s/%s: got %s, want %s", tt[0], tt[1], got, tt[2])
		}
	}
	list := func(pattern string, preview bool) []codeartifact.AssociatedPackage {
		return testenv.OK(t, e.Admin, codeartifact.ListAssociatedPackages, &codeartifact.ListAssociatedPackagesInput{
			Domain: testenv.Domain, PackageGroup: pattern, Preview: preview,
		}).Packages
	}
	if got, want := list("/npm/acme/*", false), []codeartifact.AssociatedPackage{{Format: larder.NPM, Namespace: "acme", Package: "ui", AssociationType: "STRONG"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := list("/npm//*", true), []codeartifact.AssociatedPackage{{Format: larder.NPM, Package: "left-pad", AssociationType: "STRONG"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("preview: got %+v, want %+v", got, want)
	}
}

func TestPackageGroupsArePaged(t *testing.T) {
	e := testenv.New(t)
	var patterns, repositories []string
	for i := range 5 {
		name := fmt.Sprintf("r%d", i)
		publish(t, e, e.Admin, testenv.Repository, release{name: "@acme/p" + name, version: "1.0.0"})
		testenv.OK(t, e.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: name})
		repositories = append(repositories, name)
		patterns = append(patterns, "/npm/other/"+name+"$")
		makeGroup(t, e, patterns[i])
		testenv.OK(t, e.Admin, codeartifact.UpdatePackageGroupOriginConfiguration, &codeartifact.UpdatePackageGroupOriginConfigurationInput{
			Domain: testenv.Domain, PackageGroup: "/*", AddAllowedRepositories: []codeartifact.PackageGroupAllowedRepository{{RepositoryName: name, OriginRestrictionType: "PUBLISH"}},
		})
	}
	patternsOf := func(page []codeartifact.PackageGroupSummary) (names []string) {
		for _, g := range page {
			names = append(names, g.Pattern)
		}
		return names
	}
	for what, tt := range map[string]struct {
		want []string
		page func(token string) ([]string, string)
	}{
		"groups": {append([]string{"/*"}, patterns...), func(token string) ([]string, string) {
			out := testenv.OK(t, e.Admin, codeartifact.ListPackageGroups, &codeartifact.ListPackageGroupsInput{Domain: testenv.Domain, MaxResults: 2, NextToken: token})
			return patternsOf(out.PackageGroups), out.NextToken
		}},
		"groups of a prefix": {patterns, func(token string) ([]string, string) {
			out := testenv.OK(t, e.Admin, codeartifact.ListPackageGroups, &codeartifact.ListPackageGroupsInput{Domain: testenv.Domain, MaxResults: 2, NextToken: token, Prefix: new("/npm/o")})
			return patternsOf(out.PackageGroups), out.NextToken
		}},
		"groups below one": {patterns, func(token string) ([]string, string) {
			out := testenv.OK(t, e.Admin, codeartifact.ListSubPackageGroups, &codeartifact.ListSubPackageGroupsInput{Domain: testenv.Domain, PackageGroup: "/*", MaxResults: 2, NextToken: token})
			return patternsOf(out.PackageGroups), out.NextToken
		}},
		"repositories": {repositories, func(token string) ([]string, string) {
			out := testenv.OK(t, e.Admin, codeartifact.ListAllowedRepositoriesForGroup, &codeartifact.ListAllowedRepositoriesForGroupInput{
				Domain: testenv.Domain, PackageGroup: "/*", OriginRestrictionType: "PUBLISH", MaxResults: 2, NextToken: token,
			})
			return out.AllowedRepositories, out.NextToken
		}},
		"packages": {[]string{"pr0", "pr1", "pr2", "pr3", "pr4"}, func(token string) (names []string, next string) {
			out := testenv.OK(t, e.Admin, codeartifact.ListAssociatedPackages, &codeartifact.ListAssociatedPackagesInput{Domain: testenv.Domain, PackageGroup: "/*", MaxResults: 2, NextToken: token})
			for _, p := range out.Packages {
				names = append(names, p.Package)
			}
			return names, out.NextToken
		}},
	} {
		var got []string
		token := ""
		for range 10 {
			page, next := tt.page(token)
			if got = append(got, page...); len(page) > 2 {
				t.Errorf("%s: a page of %d", what, len(page))
			}
			if token = next; token == "" {
				break
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", what, got, tt.want)
		}
	}
	first := testenv.OK(t, e.Admin, codeartifact.ListPackageGroups, &codeartifact.ListPackageGroupsInput{Domain: testenv.Domain, MaxResults: 2})
	_, err := client.Call(t.Context(), e.Admin, codeartifact.ListPackageGroups, &codeartifact.ListPackageGroupsInput{
		Domain: testenv.Domain, MaxResults: 2, NextToken: first.NextToken, Prefix: new("/npm"),
	})
	invalidToken(t, "another prefix", err)
}

// A policy names a group by its pattern, in which * stands for itself, and by
// its tags; and the domain's policy is about its groups too.
func TestPoliciesAboutPackageGroups(t *testing.T) {
	e := testenv.New(t)
	makeGroup(t, e, "/npm/acme/*")
	makeGroup(t, e, "/npm/acme/ui$")
	testenv.OK(t, e.Admin, codeartifact.TagResource, &codeartifact.TagResourceInput{ResourceArn: groupARN(e, "/npm/acme/*"), Tags: []codeartifact.Tag{{Key: "team", Value: "web"}}})
	u := e.User("u")
	may := func(pattern string) bool {
		_, err := client.Call(t.Context(), u, codeartifact.DescribePackageGroup, &codeartifact.DescribePackageGroupInput{Domain: testenv.Domain, PackageGroup: pattern})
		if err != nil && !larder.Denied.Is(err) {
			t.Fatal(err)
		}
		return err == nil
	}
	const action = "codeartifact:DescribePackageGroup"
	for _, tt := range []struct {
		what, statement string
		all, acme, ui   bool
	}{
		{"one pattern", allow(action, groupARN(e, "/npm/acme/*")), false, true, false},
		{"the root", allow(action, groupARN(e, "/*")), true, false, false},
		{"all of a scope", allow(action, "arn:aws:codeartifact:us-east-1:"+e.Account+":package-group/team/npm/acme/*"), false, true, true},
		{"a tag", `{"Effect":"Allow","Action":"` + action + `","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"web"}}}`, false, true, false},
	} {
		e.PutUserPolicy("u", "p", document(tt.statement))
		if all, acme, ui := may("/*"), may("/npm/acme/*"), may("/npm/acme/ui$"); all != tt.all || acme != tt.acme || ui != tt.ui {
			t.Errorf("%s: got %v %v %v, want %v %v %v", tt.what, all, acme, ui, tt.all, tt.acme, tt.ui)
		}
	}
	e.PutUserPolicy("u", "p", document(allow("codeartifact:ListDomains", "*")))
	testenv.OK(t, e.Admin, codeartifact.PutDomainPermissionsPolicy, &codeartifact.PutDomainPermissionsPolicyInput{
		Domain: testenv.Domain, PolicyDocument: document(grant("arn:aws:iam::"+e.Account+":user/u", action)),
	})
	if !may("/npm/acme/ui$") {
		t.Error("the domain's policy allows it, and it is denied")
	}
	// Who may ask of which group a package is, is who may ask about that group.
	e.PutUserPolicy("u", "p", document(allow("codeartifact:GetAssociatedPackageGroup", groupARN(e, "/npm/acme/ui$"))))
	for name, want := range map[string]bool{"ui": true, "other": false} {
		_, err := client.Call(t.Context(), u, codeartifact.GetAssociatedPackageGroup, &codeartifact.GetAssociatedPackageGroupInput{
			Domain: testenv.Domain, Format: larder.NPM, Namespace: "acme", Package: name,
		})
		if (err == nil) != want || err != nil && !larder.Denied.Is(err) {
			t.Errorf("%s: got %v, want allowed: %v", name, err, want)
		}
	}
	// A group is made with tags by who may tag it.
	e.PutUserPolicy("u", "p", document(allow("codeartifact:CreatePackageGroup", "*")))
	in := &codeartifact.CreatePackageGroupInput{Domain: testenv.Domain, PackageGroup: "/pypi/*", Tags: []codeartifact.Tag{{Key: "k"}}}
	if _, err := client.Call(t.Context(), u, codeartifact.CreatePackageGroup, in); !larder.Denied.Is(err) || !strings.Contains(err.Error(), "codeartifact:TagResource") {
		t.Errorf("with tags: got %v", err)
	}
	in.Tags = nil
	testenv.OK(t, u, codeartifact.CreatePackageGroup, in)
}

// Who opens a group, or a package, is on record with what was opened.
func TestTheRecordOfAnOriginConfigurationSaysWhatItWas(t *testing.T) {
	e := testenv.New(t)
	testenv.OK(t, e.Admin, codeartifact.UpdatePackageGroupOriginConfiguration, &codeartifact.UpdatePackageGroupOriginConfigurationInput{
		Domain: testenv.Domain, PackageGroup: "/*", Restrictions: map[string]string{"PUBLISH": "BLOCK"},
		AddAllowedRepositories: []codeartifact.PackageGroupAllowedRepository{{RepositoryName: testenv.Repository, OriginRestrictionType: "PUBLISH"}},
	})
	testenv.OK(t, e.Admin, codeartifact.PutPackageOriginConfiguration, &codeartifact.PutPackageOriginConfigurationInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: larder.NPM, Package: "thing",
		Restrictions: &codeartifact.PackageOriginRestrictions{Publish: "ALLOW", Upstream: "BLOCK"},
	})
	for name, want := range map[string]map[string]any{
		"UpdatePackageGroupOriginConfiguration": {
			"domainName": testenv.Domain, "domainOwner": e.Account, "packageGroup": "/*", "restrictions": map[string]any{"PUBLISH": "BLOCK"},
			"addAllowedRepositories": []any{map[string]any{"repositoryName": testenv.Repository, "originRestrictionType": "PUBLISH"}},
		},
		"PutPackageOriginConfiguration": {
			"domainName": testenv.Domain, "domainOwner": e.Account, "repositoryName": testenv.Repository, "packageFormat": "npm", "packageName": "thing",
			"restrictions": map[string]any{"publish": "ALLOW", "upstream": "BLOCK"},
		},
	} {
		got := auditRecords(t, e, name)[0]
		if !reflect.DeepEqual(got.RequestParameters, want) || got.ReadOnly {
			t.Errorf("got %v, want %v", got.RequestParameters, want)
		}
	}
}
