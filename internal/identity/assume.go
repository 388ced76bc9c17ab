package identity

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/policy"
)

// The actions that a role's trust policy is asked for.
const (
	actionAssume = "sts:AssumeRole"
	actionWeb    = "sts:AssumeRoleWithWebIdentity"
	actionTag    = "sts:TagSession"
	actionSource = "sts:SetSourceIdentity"
)

const (
	defaultSession   = time.Hour
	mostChained      = time.Hour // for roles that a role's session assumes
	sessionPolicyLen = 2048      // characters (AWS STS)
	sessionPolicies  = 10
	sessionTags      = 50

	// packedLen is how many bytes of policies and tags are 100 % of a packed
	// session. AWS does not say how it packs; ours are not packed at all.
	packedLen = 16 << 10
)

// Assumption is what somebody asks of a role.
type Assumption struct {
	Role     string // its ARN
	Session  string // what the session is called
	Duration time.Duration

	Policy         string
	PolicyARNs     []string
	Tags           []Tag
	TransitiveKeys []string
	SourceIdentity string
	ExternalID     string
}

// Assumed is a session of a role.
type Assumed struct {
	Credentials

	ID, ARN        string // of the session: the role's unique ID with the session's name
	SourceIdentity string

	// Packed is how much of what a session may hold policies and tags take,
	// in percent; nil if there are none.
	Packed *int
}

// AssumeRole begins a session of a role for the caller in ctx, whom the role
// must trust.
func (s *Service) AssumeRole(ctx context.Context, a Assumption) (Assumed, error) {
	c, ok := CallerFrom(ctx)
	if !ok {
		return Assumed{}, missingToken()
	}
	if c.Principal.Root() {
		return Assumed{}, larder.Errorf(larder.Denied, "Roles may not be assumed by root accounts.")
	}
	if err := a.check(); err != nil {
		return Assumed{}, err
	}
	narrowed, err := s.inherit(ctx, c.Principal, a)
	if err != nil {
		return Assumed{}, err
	}
	if err := s.trusts(ctx, actionAssume, a, narrowed, nil); err != nil {
		return Assumed{}, err
	}
	longest := time.Duration(0)
	if c.Principal.Session != nil && c.Principal.Session.Name != "" {
		longest = mostChained
	}
	return s.begin(ctx, a, narrowed, longest)
}

// WebIdentity is who an identity provider says that somebody is.
type WebIdentity struct {
	Account string              // whose provider it is
	Issuer  string              // https://...
	Keys    map[string][]string // its claims, by their names
}

// AssumeRoleWithWebIdentity begins a session of a role for whom an identity
// provider vouches. The caller in ctx is known by his address only.
func (s *Service) AssumeRoleWithWebIdentity(ctx context.Context, a Assumption, w WebIdentity) (Assumed, error) {
	if err := a.check(); err != nil {
		return Assumed{}, err
	}
	c, _ := CallerFrom(ctx)
	c.Principal = Principal{Provider: ProviderARN(w.Account, w.Issuer)}
	ctx = WithCaller(ctx, c)
	narrowed := a.context()
	narrowed.Provider, narrowed.Claims = c.Principal.Provider, map[string][]string{}
	host := strings.TrimPrefix(w.Issuer, "https://") + ":"
	keys := map[string][]string{}
	for name, values := range w.Keys {
		keys[host+name] = values
		// These are what AWS lets the policies of a session ask for too.
		if slices.Contains([]string{"aud", "sub", "amr", "oaud", "email"}, name) {
			narrowed.Claims[host+name] = values
		}
	}
	if err := s.trusts(ctx, actionWeb, a, narrowed, keys); err != nil {
		return Assumed{}, err
	}
	return s.begin(ctx, a, narrowed, 0)
}

// check refuses what no role could be asked.
func (a *Assumption) check() error {
	if _, ok := roleAccount(a.Role); !ok {
		return larder.Errorf(larder.Invalid, "%s is invalid", a.Role)
	}
	if len(a.Tags) > sessionTags {
		return larder.Errorf(larder.Invalid, "A session has at most %d tags.", sessionTags)
	}
	if err := checkSessionTags(a.Tags); err != nil {
		return err
	}
	for _, key := range a.TransitiveKeys {
		if !slices.ContainsFunc(a.Tags, func(t Tag) bool { return t.Key == key }) {
			return larder.Errorf(larder.Invalid, "The specified transitive tag key must be included in the requested tags.")
		}
	}
	if a.Policy == "" {
		return nil
	}
	if utf8.RuneCountInString(a.Policy) > sessionPolicyLen {
		return larder.Errorf(larder.Invalid, "1 validation error detected: Value at 'policy' failed to satisfy constraint: "+
			"Member must have length less than or equal to %d", sessionPolicyLen)
	}
	_, err := policy.Parse(policy.Identity, []byte(a.Policy))
	return err
}

// checkSessionTags is checkTags in the words of STS.
func checkSessionTags(tags []Tag) error {
	err := checkTags(tags)
	if err == nil {
		return nil
	}
	return larder.Errorf(larder.Invalid, "%s", larder.AsError(err).Message)
}

// context returns what the request says of the session.
func (a *Assumption) context() SessionContext {
	c := SessionContext{
		PolicyARNs: slices.Clone(a.PolicyARNs), Tags: slices.Clone(a.Tags), TransitiveKeys: slices.Clone(a.TransitiveKeys),
		SourceIdentity: a.SourceIdentity,
	}
	if a.Policy != "" {
		c.Policies = []string{a.Policy}
	}
	return c
}

// inherit returns what the session will say of itself: what the request says,
// and what goes on from the caller's own session to the next of a chain.
func (s *Service) inherit(ctx context.Context, caller Principal, a Assumption) (SessionContext, error) {
	c := a.context()
	if caller.Session == nil || caller.Session.Context == [contextLen]byte{} {
		return c, nil
	}
	before, err := s.SessionContextOf(ctx, caller.Account, caller.Session.Context)
	if err != nil {
		return c, err
	}
	if before.SourceIdentity != "" {
		if c.SourceIdentity != "" && c.SourceIdentity != before.SourceIdentity {
			return c, larder.Errorf(larder.Denied, "The source identity is already set for this assume role session")
		}
		c.SourceIdentity = before.SourceIdentity
	}
	for _, t := range before.Tags {
		if !slices.Contains(before.TransitiveKeys, t.Key) {
			continue
		}
		if slices.ContainsFunc(a.Tags, func(own Tag) bool { return strings.EqualFold(own.Key, t.Key) }) {
			return c, larder.Errorf(larder.Invalid, "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
		}
		c.Tags, c.TransitiveKeys = append(c.Tags, t), append(c.TransitiveKeys, t.Key)
	}
	return c, nil
}

// trusts asks whether the role trusts the caller with such a session, with
// its tags and with its source identity, wherever these come from.
func (s *Service) trusts(ctx context.Context, action string, a Assumption, c SessionContext, keys map[string][]string) error {
	keys = maps.Clone(keys)
	if keys == nil {
		keys = map[string][]string{}
	}
	set := func(key string, values ...string) {
		if len(values) > 0 && values[0] != "" {
			keys[key] = values
		}
	}
	set("sts:RoleSessionName", a.Session)
	set("sts:ExternalId", a.ExternalID)
	set("sts:SourceIdentity", c.SourceIdentity)
	set("sts:TransitiveTagKeys", c.TransitiveKeys...)
	for _, t := range c.Tags {
		keys["aws:RequestTag/"+t.Key] = []string{t.Value}
		keys["aws:TagKeys"] = append(keys["aws:TagKeys"], t.Key)
	}
	actions := []string{action}
	if len(c.Tags) > 0 {
		actions = append(actions, actionTag)
	}
	if c.SourceIdentity != "" {
		actions = append(actions, actionSource)
	}
	for _, action := range actions {
		if err := s.Authorize(ctx, Question{Action: action, Resource: larder.ARN(a.Role), Keys: keys}); err != nil {
			return err
		}
	}
	return nil
}

// begin begins the session of a role that trusts who asks for it. A longest
// of 0 leaves that to the role.
func (s *Service) begin(ctx context.Context, a Assumption, c SessionContext, longest time.Duration) (Assumed, error) {
	role, err := s.role(ctx, a)
	if err != nil {
		return Assumed{}, err
	}
	d := a.Duration
	if d == 0 {
		d = defaultSession
	}
	switch {
	case d > max(role.MaxSession, defaultSession):
		return Assumed{}, larder.Errorf(larder.Invalid, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	case longest > 0 && d > longest:
		return Assumed{}, larder.Errorf(larder.Invalid, "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	}
	if err := s.mayNarrow(role.Account, c); err != nil {
		return Assumed{}, err
	}
	out := Assumed{SourceIdentity: c.SourceIdentity}
	if out.Packed, err = packed(c); err != nil {
		return Assumed{}, err
	}
	var id [contextLen]byte
	if !c.Empty() {
		if id, err = s.keep(ctx, role.Account, c, d); err != nil {
			return Assumed{}, err
		}
	}
	p := s.session(Principal{Account: role.Account, ID: role.ID}, a.Session, d, id)
	shown := s.Profile(p)
	out.ID, out.ARN = shown.UserID, shown.ARN
	out.Credentials, err = s.issue(p)
	return out, err
}

// role returns the row of the role that is assumed. One that was deleted just
// now is answered as one that never was.
func (s *Service) role(ctx context.Context, a Assumption) (meta.Entity, error) {
	snap, err := s.current()
	if err != nil {
		return meta.Entity{}, err
	}
	on := snap.findIAM(a.Role)
	if on.entity == nil || on.entity.kind != meta.Role {
		return meta.Entity{}, larder.Errorf(larder.Denied, "Not authorized to perform %s", actionAssume)
	}
	e, ok, err := s.db.Now().EntityByID(ctx, on.entity.id)
	if err == nil && !ok {
		err = larder.Errorf(larder.Denied, "Not authorized to perform %s", actionAssume)
	}
	return e, err
}

// mayNarrow checks that the managed policies that are to narrow a session are
// there: AWS's, or those of the role's account.
func (s *Service) mayNarrow(account string, c SessionContext) error {
	snap, err := s.current()
	if err != nil {
		return err
	}
	if len(c.PolicyARNs) > sessionPolicies {
		return larder.Errorf(larder.Invalid, "A session takes at most %d managed policies.", sessionPolicies)
	}
	for _, arn := range c.PolicyARNs {
		_, known := s.managed(snap, arn)
		if own := strings.HasPrefix(arn, "arn:aws:iam::"+account+":"); !known || !own && !strings.HasPrefix(arn, awsPolicies) {
			return larder.Errorf(larder.Invalid, "The policy %s does not exist in the account of the role.", arn)
		}
	}
	return nil
}

// packed returns how much of a session its policies and tags take.
func packed(c SessionContext) (*int, error) {
	n := 0
	for _, p := range c.Policies {
		n += len(p)
	}
	for _, arn := range c.PolicyARNs {
		n += len(arn)
	}
	for _, t := range c.Tags {
		n += len(t.Key) + len(t.Value)
	}
	if n == 0 {
		return nil, nil
	}
	percent := (n*100 + packedLen - 1) / packedLen
	if percent > 100 {
		return nil, fault(larder.Invalid, "PackedPolicyTooLarge",
			"Packed size of session tags consumes %d%% of allotted space.", percent)
	}
	return &percent, nil
}

// tokenLife is for how long a token may outlive the session that asked for
// it, with an hour to spare for clocks.
const tokenLife = 13 * time.Hour

// keep stores what a session says of itself, for as long as it or one of its
// tokens may be used.
func (s *Service) keep(ctx context.Context, account string, c SessionContext, d time.Duration) ([contextLen]byte, error) {
	row, err := c.Row(account, s.now().Add(d+tokenLife))
	if err != nil {
		return row.ID, err
	}
	return row.ID, s.db.Update(ctx, func(ctx context.Context, tx *meta.Tx) error {
		return tx.InsertSessionContext(ctx, row)
	})
}

// roleAccount returns the account in the ARN of a role.
func roleAccount(arn string) (string, bool) {
	rest, ok := strings.CutPrefix(arn, "arn:aws:iam::")
	if !ok {
		return "", false
	}
	account, name, ok := strings.Cut(rest, ":role/")
	return account, ok && name != "" && isAccount(account)
}

// RoleAccount returns the account of the role that an ARN names.
func RoleAccount(arn string) (string, error) {
	account, ok := roleAccount(arn)
	if !ok {
		return "", larder.Errorf(larder.Invalid, "%s is invalid", arn)
	}
	return account, nil
}
