package identity_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
)

// A question that is asked after a change was answered obeys the change: the
// property that makes revocation immediate. Readers race a writer; an answer
// counts if nothing changed while it was given.
func TestAQuestionAskedAfterAChangeObeysIt(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	alice := h.user(owner, "alice", allow("codeartifact:*"))
	o, err := h.Owner(ctx, owner, "alice")
	h.must(err)
	keyID, _ := h.key("alice")

	// state says whether a change is under way, whether alice may read and
	// whether her key is good, and counts the changes above that.
	const changing, may, good, count = 1, 2, 4, 8
	var state atomic.Uint64
	state.Store(may | good)

	done := make(chan struct{})
	var readers sync.WaitGroup
	var counted atomic.Int64
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				before := state.Load()
				asked := h.may(alice, readAction, app.ARN(region))
				_, _, signed := h.SigningKey(ctx, keyID, "")
				if before&changing != 0 || state.Load() != before {
					continue
				}
				counted.Add(1)
				if (asked == nil) != (before&may != 0) || (signed == nil) != (before&good != 0) {
					t.Errorf("in the state %b: got %v, %v", before, asked, signed)
				}
			}
		})
	}

	off := map[uint64]func() error{
		may: func() error {
			return h.PutInlinePolicy(ctx, identity.UserRef(owner, "alice"), identity.InlinePolicy{Name: "no", Document: deny("codeartifact:*")})
		},
		good: func() error { return h.SetAccessKeyStatus(ctx, o, keyID, identity.KeyInactive) },
	}
	on := map[uint64]func() error{
		may:  func() error { return h.DeleteInlinePolicy(ctx, identity.UserRef(owner, "alice"), "no") },
		good: func() error { return h.SetAccessKeyStatus(ctx, o, keyID, identity.KeyActive) },
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		bit := uint64(may)
		if random.IntN(2) == 0 {
			bit = good
		}
		is := state.Load()
		change := on[bit]
		if is&bit != 0 {
			change = off[bit]
		}
		state.Store(is | changing)
		h.must(change())
		state.Store(is ^ bit + count)
		for enough := counted.Load() + 20; counted.Load() < enough; {
			runtime.Gosched()
		}
	}
	close(done)
	readers.Wait()
}

// Writers that race each other lose nothing: the last snapshot has the
// changes of all.
func TestChangesOfSeveralWritersAllCount(t *testing.T) {
	h := open(t)
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	var writers sync.WaitGroup
	for _, name := range names {
		writers.Go(func() {
			u, err := h.CreateEntity(t.Context(), identity.Entity{EntityRef: identity.UserRef(owner, name)})
			if err != nil {
				t.Error(err)
				return
			}
			if err := h.PutInlinePolicy(t.Context(), identity.UserRef(owner, name), identity.InlinePolicy{Name: "p", Document: allow("codeartifact:*")}); err != nil {
				t.Error(err)
			}
			if err := h.may(identity.Principal{Account: owner, ID: u.ID}, readAction, app.ARN(region)); err != nil {
				t.Errorf("%s, who was just allowed: %v", name, err)
			}
		})
	}
	writers.Wait()
	for _, name := range names {
		u, err := h.Entity(t.Context(), identity.UserRef(owner, name))
		h.must(err)
		if err := h.may(identity.Principal{Account: owner, ID: u.ID}, readAction, app.ARN(region)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAChangeThatFailsChangesNothing(t *testing.T) {
	h := open(t)
	no := errors.New("no")
	err := h.Change(t.Context(), func(ctx context.Context, tx *meta.Tx) error {
		if _, err := tx.InsertAccount(ctx, meta.Account{ID: "777788889999", CreatedAt: start}); err != nil {
			return err
		}
		return no
	})
	if !errors.Is(err, no) {
		t.Errorf("got %v, want %v", err, no)
	}
	if all, err := h.Accounts(t.Context()); err != nil || len(all) != 2 {
		t.Errorf("got %v, %v, want two", all, err)
	}
	if err := h.may(root(owner), readAction, app.ARN(region)); err != nil {
		t.Error(err)
	}
}

// A caller that hangs up while its change is being made does not keep the
// change from deciding.
func TestAChangeWhoseCallerLeftDecidesAllTheSame(t *testing.T) {
	h := open(t)
	alice := h.user(owner, "alice", allow("codeartifact:*"))
	ctx, leave := context.WithCancel(t.Context())
	err := h.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		err := tx.PutInlinePolicy(ctx, meta.InlinePolicy{Entity: alice.ID, Name: "no", Document: deny("*")})
		go leave()
		return err
	})
	made := err == nil
	if err := h.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if denied := larder.Denied.Is(h.may(alice, readAction, app.ARN(region))); made && !denied {
		t.Error("the change was made but does not decide")
	}
}

// another is a second service on the same database, as a second node has it.
func (h *house) another() *house {
	h.t.Helper()
	other := &house{t: h.t, dir: h.dir}
	other.load()
	return other
}

func TestRefreshSeesWhatAnotherNodeChanged(t *testing.T) {
	h := open(t)
	alice := h.user(owner, "alice", allow("codeartifact:*"))
	other := h.another()
	h.put(owner, "alice", "no", deny("*"))
	if err := other.may(alice, readAction, app.ARN(region)); err != nil {
		t.Errorf("before Refresh: %v", err)
	}
	h.must(other.Refresh(t.Context()))
	if err := other.may(alice, readAction, app.ARN(region)); !larder.Denied.Is(err) {
		t.Errorf("after Refresh: got %v", err)
	}
}

// A change made here reads what others changed too.
func TestAChangeSeesWhatAnotherNodeChanged(t *testing.T) {
	h := open(t)
	alice := h.user(owner, "alice", allow("codeartifact:*"))
	other := h.another()
	h.put(owner, "alice", "no", deny("*"))
	other.user(owner, "bob")
	if err := other.may(alice, readAction, app.ARN(region)); !larder.Denied.Is(err) {
		t.Errorf("got %v", err)
	}
}

// If the policies cannot be read, nobody is answered from old ones.
func TestAFailedReloadAnswersNobody(t *testing.T) {
	const broken, repaired = `ALTER TABLE attached_policies RENAME TO gone`, `ALTER TABLE gone RENAME TO attached_policies`
	unavailable := func(h *house, what string, err error) {
		t.Helper()
		if !larder.Unavailable.Is(err) || larder.AsError(err).RetryAfter != time.Second {
			h.t.Errorf("%s: got %v, want a failure that says when to come back", what, err)
		}
	}
	for name, fail := range map[string]func(h *house) error{
		"after a change here": func(h *house) error {
			h.sql(broken)
			_, err := h.CreateEntity(h.t.Context(), identity.Entity{EntityRef: identity.UserRef(owner, "bob")})
			unavailable(h, "the change", err)
			return nil
		},
		"after a change elsewhere": func(h *house) error {
			h.another().user(owner, "bob")
			h.sql(broken)
			if err := h.Refresh(h.t.Context()); err == nil {
				h.t.Error("Refresh did not fail")
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			alice := h.user(owner, "alice", allow("codeartifact:*"))
			id, _ := h.key("alice")
			h.must(fail(h))

			unavailable(h, "Authorize", h.may(alice, readAction, app.ARN(region)))
			unavailable(h, "Ready", h.Ready())
			_, _, err := h.SigningKey(t.Context(), id, "")
			unavailable(h, "SigningKey", err)
			_, err = h.Resume(alice)
			unavailable(h, "Resume", err)
			_, err = h.Repository(app)
			unavailable(h, "Repository", err)
			_, err = h.DomainUID(team)
			unavailable(h, "DomainUID", err)
			if err := h.Refresh(t.Context()); err == nil {
				t.Error("Refresh does not fail while the tables are broken")
			}

			h.sql(repaired)
			h.must(h.Refresh(t.Context()))
			h.must(h.Ready())
			if err := h.may(alice, readAction, app.ARN(region)); err != nil {
				t.Errorf("repaired: %v", err)
			}
			if _, err := h.Entity(t.Context(), identity.UserRef(owner, "bob")); err != nil {
				t.Errorf("the change was lost: %v", err)
			}
		})
	}
}

// While the database cannot be reached nothing can have changed that was
// answered here: what is known stays in force.
func TestTheSnapshotStaysWhileTheEpochCannotBeRead(t *testing.T) {
	h := open(t)
	alice := h.user(owner, "alice", allow("codeartifact:*"))
	h.close()
	if err := h.Refresh(t.Context()); err == nil {
		t.Error("Refresh does not say that the database is gone")
	}
	if err := h.may(alice, readAction, app.ARN(region)); err != nil {
		t.Error(err)
	}
	if err := h.PutInlinePolicy(t.Context(), identity.UserRef(owner, "alice"), identity.InlinePolicy{Name: "p", Document: allow("*")}); err == nil {
		t.Error("a change was answered without a database")
	}
}

func TestRefreshDoesNotLoadWhatDidNotChange(t *testing.T) {
	h := open(t)
	h.sql(`ALTER TABLE attached_policies RENAME TO gone`)
	if err := h.Refresh(t.Context()); err != nil {
		t.Errorf("the snapshot was loaded again: %v", err)
	}
	h.must(h.Ready())
}

// What is stored and cannot be decided by keeps nobody from starting: who it
// is about is denied everything, and the log says by whose policy.
func TestAPolicyThatDoesNotParseDeniesEverything(t *testing.T) {
	for _, tt := range []struct{ name, statement, logged string }{
		{"an inline policy", `INSERT INTO inline_policies SELECT id, 'broken', '{' FROM entities`, "policy=broken"},
		{"an identity policy that has principals", `INSERT INTO inline_policies SELECT id, 'guard', '` + grants("*", "*") + `' FROM entities`, "policy=guard"},
		{"a domain policy", `UPDATE domains SET policy = '{', policy_revision = 'r'`, "holder=" + team.String()},
		{"a repository policy", `UPDATE repositories SET policy = '{', policy_revision = 'r'`, "holder=" + app.String()},
		{"a managed policy that nobody knows of", `INSERT INTO attached_policies SELECT id, 'arn:aws:iam::aws:policy/Fantasy' FROM entities`, "policy/Fantasy"},
		{"a boundary that is gone", `UPDATE entities SET boundary = 'arn:aws:iam::` + owner + `:policy/gone'`, "policy/gone"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t)
			alice := h.user(owner, "alice", allow("codeartifact:*"))
			h.sql(tt.statement)
			h.load()
			if err := h.may(alice, readAction, app.ARN(region)); !larder.Denied.Is(err) {
				t.Errorf("got %v, want a refusal", err)
			}
			if got := h.log.String(); !strings.Contains(got, tt.logged) {
				t.Errorf("the log does not name %s: %s", tt.logged, got)
			}
			put := h.may(root(owner), "codeartifact:PutDomainPermissionsPolicy", team.ARN(region))
			if put != nil {
				t.Errorf("nobody could put it right: %v", put)
			}
		})
	}
}

func TestPoliciesOfTheSameTextAreOne(t *testing.T) {
	h := open(t)
	a, b := h.user(owner, "a", allow("codeartifact:*")), h.user(owner, "b", allow("codeartifact:*"))
	h.must(h.DeleteInlinePolicy(t.Context(), identity.UserRef(owner, "a"), "a"))
	if err := h.may(a, readAction, app.ARN(region)); !larder.Denied.Is(err) {
		t.Errorf("the one who lost it: got %v", err)
	}
	if err := h.may(b, readAction, app.ARN(region)); err != nil {
		t.Errorf("the other: %v", err)
	}
	// The same text means another thing on a resource.
	h.guard(onDomain(team), grants("*", readAction))
	if err := h.may(a, readAction, app.ARN(region)); err != nil {
		t.Error(err)
	}
}
