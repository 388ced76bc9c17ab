package identity_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
)

const readOnly = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"

func TestCreateUserMakesWhatUserTells(t *testing.T) {
	h := open(t)
	tags := []identity.Tag{{Key: "team", Value: "red"}, {Key: "Level", Value: ""}}
	made, err := h.CreateEntity(t.Context(), identity.Entity{EntityRef: identity.UserRef(owner, "Alice"), Path: "/dev/", Tags: tags})
	h.must(err)
	if !regexp.MustCompile(`^AIDA[A-Z2-7]{17}$`).MatchString(made.ID) {
		t.Errorf("got the unique ID %q", made.ID)
	}
	if want := "arn:aws:iam::" + owner + ":user/dev/Alice"; made.ARN() != want {
		t.Errorf("got %q, want %q", made.ARN(), want)
	}
	if !made.CreatedAt.Equal(start) || !slices.Equal(made.Tags, tags) {
		t.Errorf("got %+v", made)
	}
	got, err := h.Entity(t.Context(), identity.UserRef(owner, "alice")) // names are the same in any case
	h.must(err)
	slices.SortFunc(made.Tags, func(a, b identity.Tag) int { return strings.Compare(a.Key, b.Key) })
	if got.ID != made.ID || got.Name != "Alice" || got.Path != "/dev/" || !slices.Equal(got.Tags, made.Tags) {
		t.Errorf("got %+v, want %+v", got, made)
	}
}

func TestUserNamesAreUniqueInAnAccountWhateverTheirCaseAndPath(t *testing.T) {
	h := open(t)
	h.user(owner, "alice")
	for _, name := range []string{"alice", "ALICE", "Alice"} {
		_, err := h.CreateEntity(t.Context(), identity.Entity{EntityRef: identity.UserRef(owner, name), Path: "/other/"})
		wants(t, err, larder.Conflict, "EntityAlreadyExists")
		says(t, err, "User with name "+name+" already exists.")
	}
	if _, err := h.CreateEntity(t.Context(), identity.Entity{EntityRef: identity.UserRef(outsider, "alice")}); err != nil {
		t.Errorf("in another account: %v", err)
	}
}

func TestUserRefusesTags(t *testing.T) {
	h := open(t)
	for name, tags := range map[string][]identity.Tag{
		"the same key twice, but for its case": {{Key: "team", Value: "a"}, {Key: "Team", Value: "b"}},
		"AWS's own":                            {{Key: "aws:x", Value: "a"}},
		"AWS's own in capitals":                {{Key: "AWS:x", Value: "a"}},
	} {
		_, err := h.CreateEntity(t.Context(), identity.Entity{EntityRef: identity.UserRef(owner, "alice"), Tags: tags})
		if !larder.Invalid.Is(err) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := h.Entity(t.Context(), identity.UserRef(owner, "alice")); !larder.NotFound.Is(err) {
		t.Errorf("a refused user: got %v", err)
	}
}

func TestUsersPagesByNameBelowAPath(t *testing.T) {
	h := open(t)
	for _, u := range []struct{ path, name string }{
		{"/", "bob"}, {"/dev/", "Alice"}, {"/dev/web/", "carol"}, {"/development/", "dave"}, {"/dev/", "Bert"},
	} {
		_, err := h.CreateEntity(t.Context(), identity.Entity{EntityRef: identity.UserRef(owner, u.name), Path: u.path})
		h.must(err)
	}
	h.user(outsider, "eve")
	for _, tt := range []struct {
		prefix string
		want   []string
	}{
		{"/", []string{"Alice", "Bert", "bob", "carol", "dave"}},
		{"", []string{"Alice", "Bert", "bob", "carol", "dave"}},
		{"/dev/", []string{"Alice", "Bert", "carol"}},
		{"/dev", []string{"Alice", "Bert", "carol", "dave"}},
		{"/none/", nil},
	} {
		for limit := 1; limit <= 3; limit++ {
			var got []string
			for after := ""; ; {
				page, err := h.Entities(t.Context(), owner, meta.User, tt.prefix, after, limit)
				h.must(err)
				if len(page) > limit {
					t.Fatalf("got a page of %d, want at most %d", len(page), limit)
				}
				if len(page) == 0 {
					break
				}
				for _, u := range page {
					got = append(got, u.Name)
				}
				after = got[len(got)-1]
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("below %q by %d: got %v, want %v", tt.prefix, limit, got, tt.want)
			}
		}
	}
}

// What IAM names first, a script deletes first.
func TestDeleteUserNamesWhatHangsOnTheUserInIAMsOrder(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	h.user(owner, "alice", allow("codeartifact:*"))
	const managed = "arn:aws:iam::aws:policy/IAMFullAccess"
	h.must(h.AttachPolicy(ctx, identity.UserRef(owner, "alice"), managed))
	id, _ := h.key("alice")
	o, err := h.Owner(ctx, owner, "alice")
	h.must(err)

	for _, step := range []struct {
		want string
		undo func() error
	}{
		{"access keys", func() error { return h.DeleteAccessKey(ctx, o, id) }},
		{"detach all policies", func() error { return h.DetachPolicy(ctx, identity.UserRef(owner, "alice"), managed) }},
		{"policies", func() error { return h.DeleteInlinePolicy(ctx, identity.UserRef(owner, "alice"), "a") }},
	} {
		err := h.DeleteEntity(ctx, identity.UserRef(owner, "Alice"))
		wants(t, err, larder.Conflict, "DeleteConflict")
		verb := "delete "
		if strings.HasPrefix(step.want, "detach") {
			verb = ""
		}
		says(t, err, "Cannot delete entity, must "+verb+step.want+" first.")
		h.must(step.undo())
	}
	h.must(h.DeleteEntity(ctx, identity.UserRef(owner, "Alice")))
	err = h.DeleteEntity(ctx, identity.UserRef(owner, "Alice"))
	wants(t, err, larder.NotFound, "NoSuchEntity")
	says(t, err, "The user with name Alice cannot be found.")
}

func TestWhatAQuestionAboutAnEntityIsAbout(t *testing.T) {
	h := open(t)
	made, err := h.CreateEntity(t.Context(), identity.Entity{EntityRef: identity.UserRef(owner, "Alice"), Path: "/dev/", Boundary: readOnly})
	h.must(err)
	for _, tt := range []struct {
		ref           identity.EntityRef
		arn, boundary string
	}{
		{identity.UserRef(owner, "ALICE"), made.ARN(), readOnly},
		{identity.UserRef(owner, "nobody"), "arn:aws:iam::" + owner + ":user/nobody", ""},
		{identity.GroupRef(owner, "alice"), "arn:aws:iam::" + owner + ":group/alice", ""},
		{identity.RoleRef(outsider, "alice"), "arn:aws:iam::" + outsider + ":role/alice", ""},
	} {
		if arn, boundary := h.About(tt.ref); string(arn) != tt.arn || boundary != tt.boundary {
			t.Errorf("%v: got %s, %s, want %s, %s", tt.ref, arn, boundary, tt.arn, tt.boundary)
		}
	}
	if ref, ok := h.Named(made.ID); !ok || ref != made.EntityRef {
		t.Errorf("got %v, %v", ref, ok)
	}
	for _, id := range []string{owner, "AIDANOBODY", ""} {
		if ref, ok := h.Named(id); ok {
			t.Errorf("%q: got %v, want nobody", id, ref)
		}
	}
}

func TestProfile(t *testing.T) {
	h := open(t)
	alice := h.user(owner, "alice")
	for _, tt := range []struct {
		p    identity.Principal
		want identity.Profile
	}{
		{alice, identity.Profile{Type: "IAMUser", Name: "alice", ARN: alice.ARN, UserID: alice.ID}},
		{root(owner), identity.Profile{Type: "Root", Name: "root", ARN: root(owner).ARN, UserID: owner}},
		{identity.Principal{Account: owner, ID: "AIDANOBODY"}, identity.Profile{}},
	} {
		if got := h.Profile(tt.p); got != tt.want {
			t.Errorf("%v: got %v, want %v", tt.p, got, tt.want)
		}
	}
}
