package identity_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/keyring"
)

// typical is the policy of a team: what its members read, what they publish,
// from where and until when. No two teams have the same.
func typical(team int) []string {
	statements := []string{
		`{"Effect":"Allow","Action":"sts:GetServiceBearerToken","Resource":"*","Condition":{"StringEquals":{"sts:AWSServiceName":"codeartifact.amazonaws.com"}}}`,
		`{"Effect":"Allow","Action":["codeartifact:GetAuthorizationToken","codeartifact:Describe*","codeartifact:List*"],"Resource":"*"}`,
		`{"Effect":"Deny","Action":"codeartifact:Delete*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}}`,
		`{"Effect":"Deny","Action":"codeartifact:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`,
		`{"Effect":"Deny","Action":"codeartifact:ReadFromRepository","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","198.51.100.0/24"]}}}`,
		`{"Effect":"Allow","Action":"codeartifact:ReadFromRepository","Resource":"arn:aws:codeartifact:*:*:repository/team/*","Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}}`,
	}
	for part := range 7 {
		statements = append(statements, fmt.Sprintf(`{"Effect":"Allow","Action":"codeartifact:PublishPackageVersion","Resource":"arn:aws:codeartifact:*:*:package/team/app/npm/acme/team%d-part%d-*"}`, team, part))
	}
	return statements
}

// scales are a small registry and the largest that Larder is made for.
var scales = [...]scale{{users: 10, roles: 1, policies: 2}, {users: 100_000, roles: 1_000, policies: 10_000}}

type scale struct{ users, roles, policies int }

func (s scale) String() string { return fmt.Sprint(s.users, " users") }

// BenchmarkAuthorize asks for ten users in turn, so that none is always at
// hand.
func BenchmarkAuthorize(b *testing.B) {
	for _, s := range scales {
		h := open(b)
		h.populate(s)
		h.must(h.TagResource(b.Context(), onRepository(app), red))
		var callers []context.Context
		for i := range 10 {
			callers = append(callers, identity.WithCaller(b.Context(), asking(principalOf(i*s.users/10))))
		}
		q := identity.Question{Action: readAction, Resource: app.ARN(region)}
		b.Run(s.String(), func(b *testing.B) {
			for _, c := range callers {
				h.must(h.Authorize(c, q))
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if h.Authorize(callers[i%len(callers)], q) != nil {
					b.Fatal("denied")
				}
			}
		})
	}
}

// BenchmarkLoad is what a start reads.
func BenchmarkLoad(b *testing.B) {
	for _, s := range scales {
		h := open(b)
		h.populate(s)
		b.Run(s.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := identity.Open(b.Context(), identity.Options{DB: h.db, Keys: h.keys, Region: region}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPolicyWrite is a change of one user's policy until it decides.
func BenchmarkPolicyWrite(b *testing.B) {
	for _, s := range scales {
		h := open(b)
		h.populate(s)
		documents := [2]string{allow("codeartifact:Describe*"), allow("codeartifact:Get*")}
		b.Run(s.String(), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				h.put(owner, "user0", "changing", documents[i%2])
			}
		})
	}
}

var red = []identity.Tag{{Key: "team", Value: "red"}}

func principalOf(i int) identity.Principal {
	return identity.Principal{Account: owner, ID: fmt.Sprintf("AIDA%017d", i)}
}

// populate makes users in one transaction, each with a tag, an access key, a
// group of a hundred and a managed policy; roles that trust the account, and
// managed policies. Everyone's policies are typical.
func (h *house) populate(s scale) {
	h.t.Helper()
	secret := make([]byte, 40)
	sealed := h.keys.Encrypt(keyring.Record{Table: "access_keys", Account: owner}, secret)
	groups := 1 + s.users/100
	trusts := grants(owner, "sts:AssumeRole")
	trusts = strings.Replace(trusts, `,"Resource":"*"`, "", 1)
	h.statements(func(run func(string, ...any)) {
		// Noting the changes would take most of the time, and nobody reads so
		// many one by one.
		run(`DROP TRIGGER note`)
		run(`CREATE TRIGGER note INSTEAD OF INSERT ON note BEGIN SELECT 1; END`)
		for i := range s.policies {
			run(`INSERT INTO policies (id, account, name, name_fold, path, arn, description, default_version, newest_version, created_ms, updated_ms) VALUES (?1, ?2, ?1, ?1, '/', ?3, '', 1, 1, 0, 0)`,
				fmt.Sprintf("ANPA%017d", i), owner, policyARN(i))
			run(`INSERT INTO policy_versions (policy, version, document, created_ms) VALUES (?, 1, ?, 0)`, fmt.Sprintf("ANPA%017d", i), document(typical(i)...))
		}
		holder := func(kind, id, name, trust string) {
			run(`INSERT INTO entities (id, account, kind, name, name_fold, path, created_ms, trust) VALUES (?1, ?2, ?3, ?4, ?4, '/', 0, ?5)`, id, owner, kind, name, trust)
		}
		attach := func(id string, i int) {
			run(`INSERT INTO attached_policies (entity, arn) VALUES (?, ?)`, id, policyARN(i%s.policies))
		}
		for i := range groups {
			id := fmt.Sprintf("AGPA%017d", i)
			holder("group", id, fmt.Sprint("group", i), "")
			attach(id, i+1)
		}
		for i := range s.roles {
			id := fmt.Sprintf("AROA%017d", i)
			holder("role", id, fmt.Sprint("role", i), trusts)
			attach(id, i)
		}
		for i := range s.users {
			id := principalOf(i).ID
			holder("user", id, fmt.Sprint("user", i), "")
			run(`INSERT INTO entity_tags (entity, key, value) VALUES (?, 'team', 'red')`, id)
			run(`INSERT INTO access_keys (id, account, owner, secret, status, created_ms) VALUES (?, ?, ?, ?, 'Active', 0)`, fmt.Sprintf("AKIA%016d", i), owner, id, sealed)
			run(`INSERT INTO group_members (member, of, joined_ms) VALUES (?, ?, 0)`, id, fmt.Sprintf("AGPA%017d", i%groups))
			attach(id, i)
		}
		run(`DROP TRIGGER note `) // prepared anew
		run(`CREATE TRIGGER note INSTEAD OF INSERT ON note BEGIN
			INSERT INTO changes (epoch, kind, id) SELECT COALESCE(MAX(e), 0) + 1, NEW.kind, NEW.id FROM epoch WHERE true
			ON CONFLICT DO NOTHING;
		END`)
	})
	h.load()
}

// Of 100,000 users there is room for 400 MB.
func TestASnapshotIsSmall(t *testing.T) {
	h := open(t)
	s := scale{users: 10_000, roles: 100, policies: 1_000}
	h.populate(s)
	before := heap()
	made, err := h.reopen()
	h.must(err)
	const room = 40 << 20
	if got := heap() - before; got > room {
		t.Errorf("a snapshot of %v takes %d bytes, want at most %d", s, got, room)
	}
	h.must(made.Ready())
}

// heap is how many bytes are reachable.
func heap() int64 {
	runtime.GC()
	runtime.GC() // what the first one found to have a finalizer
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // it is some megabytes
}

func policyARN(i int) string { return fmt.Sprintf("arn:aws:iam::%s:policy/p%d", owner, i) }
