package policy_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"larder.example/larder/internal/policy"
)

// world makes up policies and requests from few words, so that they often
// meet.
type world struct{ *rand.Rand }

func (w world) pick(words ...string) string { return words[w.IntN(len(words))] }

// list returns one of the words or a list of some, as JSON.
func (w world) list(words ...string) string {
	if w.IntN(2) == 0 {
		return `"` + w.pick(words...) + `"`
	}
	var some []string
	for range 1 + w.IntN(3) {
		some = append(some, `"`+w.pick(words...)+`"`)
	}
	return "[" + strings.Join(some, ",") + "]"
}

func (w world) statement(k policy.Kind, effect string) string {
	s := `{"Effect":"` + effect + `"`
	switch {
	case k == policy.Identity:
	case k == policy.Resource && effect == "Deny" && w.IntN(4) == 0:
		s += `,"NotPrincipal":` + w.principals()
	default:
		s += `,"Principal":` + w.principals()
	}
	if k == policy.Trust {
		return s + `,"Action":` + w.list("sts:AssumeRole", "sts:*", "STS:TagSession") + w.conditions() + `}`
	}
	s += `,"` + w.pick("", "", "", "Not") + `Action":` + w.list("*", "codeartifact:*", "codeartifact:Read*", "codeartifact:*Repository", "codeartifact:Describe?omain", "sts:AssumeRole", "iam:Get*")
	s += `,"` + w.pick("", "", "", "Not") + `Resource":` + w.list("*", "arn:aws:codeartifact:*", string(repository), "arn:aws:codeartifact:*:*:repository/acme/*",
		"arn:aws:codeartifact:*:*:*/acme/${aws:PrincipalTag/repo}", "arn:aws:codeartifact:*:*:repository/${aws:nokey, 'acme'}/sh?red", "arn:aws:iam::*:role/target")
	return s + w.conditions() + `}`
}

func (w world) principals() string {
	if w.IntN(6) == 0 {
		return `"*"`
	}
	return `{"AWS":` + w.list("*", "111122223333", "444455556666", "arn:aws:iam::111122223333:root", alice.ID, alice.ARN, deploy.ID, deploy.Session,
		deploy.ID+":deploy", "arn:aws:sts::111122223333:assumed-role/dev/other", xen.ID, guest.Session, "AIDANOBODYNOBODYNO01") + `}`
}

func (w world) conditions() string {
	var all []string
	for i := range w.IntN(3) {
		prefix, suffix := w.pick("", "", "ForAllValues:", "ForAnyValue:"), w.pick("", "", "IfExists")
		switch w.IntN(7) {
		case 0:
			all = append(all, `"Null":{"`+w.key()+`":"`+w.pick("true", "false")+`"}`)
		case 1:
			all = append(all, `"`+prefix+"Numeric"+w.pick("Equals", "NotEquals", "LessThan", "GreaterThanEquals")+suffix+`":{"`+w.key()+`":`+w.list("1", "3600", "43200.5")+`}`)
		case 2:
			all = append(all, `"`+prefix+"Date"+w.pick("NotEquals", "LessThan", "GreaterThan")+suffix+`":{"`+w.key()+`":`+w.list("2026", "2026-11-24T13:00:00Z", "1700000000")+`}`)
		case 3:
			all = append(all, `"`+prefix+w.pick("IpAddress", "NotIpAddress")+suffix+`":{"`+w.key()+`":`+w.list("203.0.113.0/24", "10.0.0.0/8", "2001:db8::/32")+`}`)
		case 4:
			all = append(all, `"`+prefix+"Arn"+w.pick("Like", "NotEquals")+suffix+`":{"`+w.key()+`":`+w.list("*", "arn:aws:iam::*:user/${aws:username}", "arn:*:iam::111122223333:*")+`}`)
		default:
			all = append(all, `"`+prefix+"String"+w.pick("Equals", "NotEquals", "Like", "NotLike", "EqualsIgnoreCase", "NotEqualsIgnoreCase")+suffix+`":{"`+w.key()+`":`+w.list("alice", "ALICE", "a*", "${aws:username}", "${aws:nokey}", "${aws:PrincipalTag/repo}?", "team", "*")+`}`)
		}
		if i > 0 && strings.SplitN(all[0], ":{", 2)[0] == strings.SplitN(all[1], ":{", 2)[0] {
			all = all[:1]
		}
	}
	return `,"Condition":{` + strings.Join(all, ",") + `}`
}

func (w world) key() string {
	return w.pick("aws:username", "aws:PrincipalTag/repo", "aws:TagKeys", "aws:CurrentTime", "sts:DurationSeconds", "aws:SourceIp", "aws:PrincipalArn", "aws:nokey")
}

func (w world) statements(k policy.Kind, most int) []string {
	var s []string
	for range 1 + w.IntN(most) {
		s = append(s, w.statement(k, w.pick("Allow", "Allow", "Allow", "Deny")))
	}
	return s
}

func (w world) request() *policy.Request {
	r := &policy.Request{Action: w.pick("codeartifact:ReadFromRepository", "codeartifact:DescribeDomain", "sts:AssumeRole"), Keys: w.keys()}
	r.Resource = repository
	if r.Action == "sts:AssumeRole" {
		r.Resource = "arn:aws:iam::111122223333:role/target"
	}
	r.Principal = []policy.Principal{alice, deploy, xen, root, guest, ci, workflow, nobody}[w.IntN(8)]
	return r
}

func (w world) keys() policy.Values {
	k := policy.Values{}
	for key, values := range map[string][]string{
		"aws:username": {"alice"}, "aws:PrincipalTag/repo": {"shared"}, "aws:TagKeys": {"team", "cost"}, "aws:CurrentTime": {"2026-11-24T13:00:00Z"},
		"sts:DurationSeconds": {"3600"}, "aws:SourceIp": {"203.0.113.7"}, "aws:PrincipalArn": {alice.ARN},
	} {
		if w.IntN(4) > 0 {
			k.Set(key, values...)
		}
	}
	return k
}

// texts is a set whose policies are still statements.
type texts struct {
	identity, boundary, session, resource, trust []string
	same                                         bool
	parsed                                       map[string]*policy.Policy // by kind and text
}

func (w world) texts() *texts {
	s := &texts{same: w.IntN(3) > 0, identity: w.statements(policy.Identity, 4), parsed: make(map[string]*policy.Policy)}
	if w.IntN(2) == 0 {
		s.identity = append(s.identity, allow)
	}
	if w.IntN(3) == 0 {
		s.boundary = w.statements(policy.Identity, 3)
	}
	if w.IntN(3) == 0 {
		s.session = w.statements(policy.Identity, 3)
	}
	if w.IntN(2) == 0 {
		s.resource = w.statements(policy.Resource, 4)
	}
	if w.IntN(4) == 0 {
		s.trust = w.statements(policy.Trust, 3)
	}
	return s
}

func (s *texts) lists() []*[]string {
	return []*[]string{&s.identity, &s.boundary, &s.session, &s.resource, &s.trust}
}

func (s *texts) parse(t *testing.T) *policy.Set {
	t.Helper()
	one := func(k policy.Kind, statements []string) *policy.Policy {
		if statements == nil {
			return nil
		}
		text := document(statements...)
		p := s.parsed[k.String()+text]
		if p == nil {
			p = parse(t, k, text)
			s.parsed[k.String()+text] = p
		}
		return p
	}
	set := &policy.Set{
		Identity: []*policy.Policy{one(policy.Identity, s.identity)},
		Boundary: one(policy.Identity, s.boundary),
		Resource: []*policy.Policy{one(policy.Resource, s.resource)},
		Trust:    one(policy.Trust, s.trust), SameAccount: s.same,
	}
	if s.session != nil {
		set.Session = []*policy.Policy{one(policy.Identity, s.session)}
	}
	return set
}

// with returns the set with one of its lists changed.
func (s *texts) with(i int, statements []string) *texts {
	c := *s
	*c.lists()[i] = statements
	return &c
}

func TestProperties(t *testing.T) {
	kinds := []policy.Kind{policy.Identity, policy.Identity, policy.Identity, policy.Resource, policy.Trust}
	w := world{rand.New(rand.NewPCG(1, 2))}
	allowed := 0
	for range 800 {
		s, r := w.texts(), w.request()
		before := policy.Decide(r, s.parse(t))
		if before.Allowed {
			allowed++
		}
		complain := func(claim string, changed *texts, after policy.Decision) {
			t.Helper()
			t.Errorf("%s\n%+v\nby %+v on %s with %v: %+v\n%+v: %+v", claim, s, r.Principal, r.Action, r.Keys, before, changed, after)
		}
		for i, list := range s.lists() {
			if *list == nil {
				continue
			}
			more := s.with(i, slices.Insert(slices.Clone(*list), w.IntN(len(*list)+1), w.statement(kinds[i], "Deny")))
			if after := policy.Decide(r, more.parse(t)); after.Allowed && !before.Allowed {
				complain("adding a Deny allowed more", more, after)
			}
			mixed := append(slices.Clone(*list), (*list)[w.IntN(len(*list))])
			w.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
			if after := policy.Decide(r, s.with(i, mixed).parse(t)); after.Reason != before.Reason || after.Source != before.Source {
				complain("order or repetition mattered", s.with(i, mixed), after)
			}
		}
		for i := 1; i <= 2; i++ {
			if after := policy.Decide(r, s.with(i, nil).parse(t)); before.Allowed && !after.Allowed {
				complain("removing a limit denied more", s.with(i, nil), after)
			}
		}
		set := s.parse(t)
		explained, findings := policy.Explain(r, set)
		if decided := policy.Decide(r, set); explained != decided {
			t.Errorf("Explain: got %+v, want %+v", explained, decided)
		}
		if want := len(s.identity) + len(s.boundary) + len(s.session) + len(s.resource) + len(s.trust); len(findings) != want {
			t.Errorf("Explain: got %d findings, want %d", len(findings), want)
		}
	}
	if allowed < 100 {
		t.Errorf("got %d requests allowed, too few to tell anything", allowed)
	}
}

// What a policy is stored as means what it meant.
func TestRewrittenPoliciesDecideAlike(t *testing.T) {
	ids := map[string]string{alice.ARN: alice.ID, alice.ID: alice.ARN, deploy.ID: deploy.ARN, deploy.Session: deploy.ID + ":deploy", "111122223333": root.ARN}
	w := world{rand.New(rand.NewPCG(3, 4))}
	for range 1000 {
		text := document(w.statements(policy.Resource, 4)...)
		stored, err := policy.Rewrite([]byte(text), func(p string) (string, error) {
			if id, ok := ids[p]; ok {
				return id, nil
			}
			return p, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		r := w.request()
		set := func(document string) *policy.Set {
			return &policy.Set{SameAccount: true, Resource: []*policy.Policy{parse(t, policy.Resource, document)}}
		}
		if got, want := policy.Decide(r, set(string(stored))).Reason, policy.Decide(r, set(text)).Reason; got != want {
			t.Errorf("%s: got %v, want %v of %s", stored, got, want, text)
		}
	}
}

// Decisions do not write to what they share.
func TestPoliciesAreSafeForConcurrentUse(t *testing.T) {
	w := world{rand.New(rand.NewPCG(5, 6))}
	s, r := w.texts().parse(t), w.request()
	want := policy.Decide(r, s)
	done := make(chan error)
	for range 4 {
		go func() {
			for range 1000 {
				if got := policy.Decide(r, s); got != want {
					done <- fmt.Errorf("got %+v, want %+v", got, want)
					return
				}
			}
			done <- nil
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
