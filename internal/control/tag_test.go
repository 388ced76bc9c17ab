package control_test

import (
	"reflect"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

func TestTags(t *testing.T) {
	e := testenv.New(t)
	for kind, arn := range map[string]string{
		"domain": domainARN(e, testenv.Domain), "repository": repositoryARN(e, testenv.Repository),
		"": groupARN(e, "/*"), // a package group has no resource type
	} {
		list := func() []codeartifact.Tag {
			return testenv.OK(t, e.Admin, codeartifact.ListTagsForResource, &codeartifact.ListTagsForResourceInput{ResourceArn: arn}).Tags
		}
		if got := list(); len(got) > 0 {
			t.Errorf("%s: got %v", kind, got)
		}
		testenv.OK(t, e.Admin, codeartifact.TagResource, &codeartifact.TagResourceInput{ResourceArn: arn, Tags: []codeartifact.Tag{
			{Key: "b", Value: "1"}, {Key: "a"}, {Key: "B", Value: "2"},
		}})
		testenv.OK(t, e.Admin, codeartifact.TagResource, &codeartifact.TagResourceInput{ResourceArn: arn, Tags: []codeartifact.Tag{{Key: "b", Value: "3"}}})
		if got, want := list(), []codeartifact.Tag{{Key: "B", Value: "2"}, {Key: "a"}, {Key: "b", Value: "3"}}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", kind, got, want)
		}
		testenv.OK(t, e.Admin, codeartifact.UntagResource, &codeartifact.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"b", "never"}})
		if got, want := list(), []codeartifact.Tag{{Key: "B", Value: "2"}, {Key: "a"}}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", kind, got, want)
		}
		// What has no tag at all is no mistake.
		testenv.OK(t, e.Admin, codeartifact.TagResource, &codeartifact.TagResourceInput{ResourceArn: arn, Tags: []codeartifact.Tag{}})

		var many []codeartifact.Tag
		for i := range 51 {
			many = append(many, codeartifact.Tag{Key: string(rune('A'+i)) + "-key"})
		}
		got := testenv.Refused(t, e.Admin, codeartifact.TagResource, &codeartifact.TagResourceInput{ResourceArn: arn, Tags: many}, "ServiceQuotaExceededException")
		if got.Status != 402 || got.ResourceType != kind {
			t.Errorf("%s: got %+v", kind, got)
		}
		testenv.Refused(t, e.Admin, codeartifact.TagResource, &codeartifact.TagResourceInput{ResourceArn: arn, Tags: []codeartifact.Tag{{Key: "aws:x"}}}, "ValidationException")
	}
}

// An ARN that is not spelled as policies see it names nothing: else whoever
// may tag one thing would reach another.
func TestTagsAreOnlyReachedByTheOneSpellingOfAnARN(t *testing.T) {
	e := testenv.New(t)
	other := e.NewAccount()
	prefix := "arn:aws:codeartifact:us-east-1:" + e.Account + ":"
	for _, arn := range []string{
		prefix + "repository/team",
		prefix + "repository/team/",
		prefix + "domain/team/",
		prefix + "domain/team/app",
		prefix + "domain//team",
		prefix + "repository/team/app/",
		prefix + "repository/team//app",
		prefix + "package/team/app/npm//thing",
		prefix + "package-group/team/*",
		prefix + "package-group/team/%2A",
		prefix + "package-group/team/%252a",
		prefix + "package-group/team",
		prefix + "package-group/team/",
		prefix + "package-group//%2a",
		prefix + "package/team/app",
		prefix + "Domain/team",
		prefix + "domain/Team",
		prefix + "domain/",
		prefix,
		"arn:aws:codeartifact:eu-west-1:" + e.Account + ":domain/team",
		"arn:aws:codeartifact::" + e.Account + ":domain/team",
		"arn:aws:codeartifact:us-east-1::domain/team",
		"arn:aws-cn:codeartifact:us-east-1:" + e.Account + ":domain/team",
		"arn:aws:s3:::team",
		"team",
	} {
		for what, err := range tagCalls(t, e.Admin, arn) {
			if testenv.RefusalOf(err).Code != "ResourceNotFoundException" {
				t.Errorf("%s %s: got %v", what, arn, err)
			}
		}
	}
	for what, err := range tagCalls(t, e.Admin, "arn:aws:codeartifact:us-east-1:"+other+":domain/team") {
		if !larder.Denied.Is(err) {
			t.Errorf("%s in another account: got %v", what, err)
		}
	}
	if tags := testenv.OK(t, e.Admin, codeartifact.ListTagsForResource, &codeartifact.ListTagsForResourceInput{ResourceArn: prefix + "domain/team"}).Tags; len(tags) > 0 {
		t.Errorf("got %v", tags)
	}
}

func tagCalls(t *testing.T, c *client.Client, arn string) map[string]error {
	_, tag := client.Call(t.Context(), c, codeartifact.TagResource, &codeartifact.TagResourceInput{ResourceArn: arn, Tags: []codeartifact.Tag{{Key: "k"}}})
	_, untag := client.Call(t.Context(), c, codeartifact.UntagResource, &codeartifact.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"k"}})
	_, list := client.Call(t.Context(), c, codeartifact.ListTagsForResource, &codeartifact.ListTagsForResourceInput{ResourceArn: arn})
	return map[string]error{"tag": tag, "untag": untag, "list": list}
}

// Tags on what is made need TagResource too, and the tags of a request are
// there for policies to see.
func TestTagsInTheRequestAreAskedAbout(t *testing.T) {
	e := testenv.New(t)
	red, blue := []codeartifact.Tag{{Key: "team", Value: "red"}}, []codeartifact.Tag{{Key: "team", Value: "blue"}}
	create := func(c *client.Client, tags []codeartifact.Tag) []error {
		_, onDomain := client.Call(t.Context(), c, codeartifact.CreateDomain, &codeartifact.CreateDomainInput{Domain: "fresh", Tags: tags})
		_, onRepository := client.Call(t.Context(), c, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: "fresh", Tags: tags})
		return []error{onDomain, onRepository}
	}
	maker := e.User("maker", document(allow("codeartifact:Create*", "*")))
	for i, err := range create(maker, red) {
		if !larder.Denied.Is(err) || !strings.Contains(testenv.RefusalOf(err).Message, "codeartifact:TagResource") {
			t.Errorf("%d: with tags: got %v", i, err)
		}
	}
	e.PutUserPolicy("maker", "policy0", document(
		allow("codeartifact:Create*", "*"),
		`{"Effect":"Allow","Action":"codeartifact:TagResource","Resource":"*","Condition":{
			"StringEquals":{"aws:RequestTag/team":"red"},"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}}}`,
	))
	for i, err := range create(maker, blue) {
		if !larder.Denied.Is(err) {
			t.Errorf("%d: with another tag: got %v", i, err)
		}
	}
	for i, err := range create(maker, append(red, codeartifact.Tag{Key: "more"})) {
		if !larder.Denied.Is(err) {
			t.Errorf("%d: with a further tag: got %v", i, err)
		}
	}
	for i, err := range create(maker, red) {
		if err != nil {
			t.Errorf("%d: with the tag: got %v", i, err)
		}
	}
	// Untagging shows the keys.
	arn := domainARN(e, "fresh")
	e.PutUserPolicy("maker", "policy0", document(
		`{"Effect":"Allow","Action":"codeartifact:UntagResource","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["mine"]}}}`))
	testenv.Refused(t, maker, codeartifact.UntagResource, &codeartifact.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"mine", "team"}}, "AccessDeniedException")
	testenv.OK(t, maker, codeartifact.UntagResource, &codeartifact.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"mine"}})
}

// CreateRepository may be allowed on the domain as well as on the repository.
func TestCreateRepositoryIsAllowedOnTheDomainOrTheRepository(t *testing.T) {
	e := testenv.New(t)
	maker := e.User("maker")
	for _, by := range [...]struct{ name, resource string }{
		{"by-domain", domainARN(e, testenv.Domain)}, {"by-repository", repositoryARN(e, "by-*")},
	} {
		e.PutUserPolicy("maker", "p", document(allow("codeartifact:CreateRepository", by.resource)))
		testenv.OK(t, maker, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: by.name})
	}
	testenv.Refused(t, maker, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: "other"}, "AccessDeniedException")
}
