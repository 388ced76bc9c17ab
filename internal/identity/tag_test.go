package identity_test

import (
	"fmt"
	"slices"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
)

func TestTags(t *testing.T) {
	for kind, on := range guardable() {
		t.Run(kind, func(t *testing.T) {
			h := open(t)
			ctx := t.Context()
			h.must(h.TagResource(ctx, on, []identity.Tag{{Key: "team", Value: "red"}, {Key: "Team", Value: "other"}, {Key: "empty"}}))
			h.must(h.TagResource(ctx, on, []identity.Tag{{Key: "team", Value: "blue"}}))
			got, err := h.Tags(ctx, on)
			if want := []identity.Tag{{Key: "Team", Value: "other"}, {Key: "empty"}, {Key: "team", Value: "blue"}}; err != nil || !slices.Equal(got, want) {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
			h.must(h.UntagResource(ctx, on, []string{"team", "never there"}))
			got, err = h.Tags(ctx, on)
			if want := []identity.Tag{{Key: "Team", Value: "other"}, {Key: "empty"}}; err != nil || !slices.Equal(got, want) {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
		})
	}
}

func TestTagsOfNothing(t *testing.T) {
	h := open(t)
	for _, on := range []identity.Guarded{
		onDomain(larder.DomainRef{Owner: owner, Name: "none"}),
		onRepository(larder.RepositoryRef{Domain: team, Name: "none"}),
	} {
		_, err := h.Tags(t.Context(), on)
		wants(t, err, larder.NotFound, "")
		wants(t, h.TagResource(t.Context(), on, []identity.Tag{{Key: "k"}}), larder.NotFound, "")
		wants(t, h.UntagResource(t.Context(), on, []string{"k"}), larder.NotFound, "")
	}
}

func TestAResourceHasFiftyTags(t *testing.T) {
	h := open(t)
	on := onRepository(app)
	var tags []identity.Tag
	for i := range 51 {
		tags = append(tags, identity.Tag{Key: fmt.Sprint("key", i)})
	}
	wants(t, h.TagResource(t.Context(), on, tags), larder.OverQuota, "")
	if got, err := h.Tags(t.Context(), on); err != nil || len(got) > 0 {
		t.Errorf("after a refusal: got %v, %v, want none", got, err)
	}
	h.must(h.TagResource(t.Context(), on, tags[:50]))
	if err := h.TagResource(t.Context(), on, tags[:1]); err != nil {
		t.Errorf("one that is there: %v", err)
	}
	wants(t, h.TagResource(t.Context(), on, tags[50:]), larder.OverQuota, "")
}

func TestTagKeysOfAWSAreReserved(t *testing.T) {
	h := open(t)
	for _, key := range []string{"aws:x", "AWS:x", "aws:"} {
		wants(t, h.TagResource(t.Context(), onDomain(team), []identity.Tag{{Key: "ok"}, {Key: key}}), larder.Invalid, "")
	}
	if got, err := h.Tags(t.Context(), onDomain(team)); err != nil || len(got) > 0 {
		t.Errorf("after a refusal: got %v, %v, want none", got, err)
	}
}

// A tag decides from the moment on at which it is there.
func TestTagsDecide(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	red := []identity.Tag{{Key: "team", Value: "red"}}
	u, err := h.CreateEntity(ctx, identity.Entity{EntityRef: identity.UserRef(owner, "tagged"), Tags: red})
	h.must(err)
	h.put(owner, "tagged", "p", document(`{"Effect":"Allow","Action":"*","Resource":"*",
		"Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}}`))
	pkg := larder.PackageRef{Repository: app, Format: larder.NPM, Name: "thing"}

	ask := func(step string, onDomain, onRepository bool) {
		t.Helper()
		for resource, want := range map[larder.ARN]bool{
			team.ARN(region): onDomain, app.ARN(region): onRepository, pkg.ARN(region): false, "*": false,
		} {
			err := h.may(identity.Principal{Account: owner, ID: u.ID}, "codeartifact:DescribeDomain", resource)
			if got := err == nil; got != want {
				t.Errorf("%s: %s: got %v, want %v", step, resource, got, want)
			}
		}
	}
	ask("no tags", false, false)
	h.must(h.TagResource(ctx, onDomain(team), red))
	ask("a domain's tag is not its repositories'", true, false)
	h.must(h.TagResource(ctx, onRepository(app), red))
	ask("a repository's tag is not its packages'", true, true)
	h.must(h.UntagResource(ctx, onDomain(team), []string{"team"}))
	ask("untagged", false, true)
	h.must(h.TagResource(ctx, onRepository(app), []identity.Tag{{Key: "team", Value: "*"}}))
	ask("a value is no wildcard", false, false)
}
