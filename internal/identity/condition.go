package identity

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/policy"
)

// contextKeys answers the condition keys of one question. It implements
// policy.Keys, whose keys come folded. Keys that CodeArtifact does not supply
// (aws:Referer, aws:UserAgent) are absent.
type contextKeys struct {
	region   string
	caller   *Caller
	who      *principal
	session  *narrowing // nil if it says nothing of itself
	question Question
	on       target
	values   [8]string // backs the first answers, each its own
	answered int
}

// Lookup implements policy.Keys.
func (k *contextKeys) Lookup(key string) ([]string, bool) {
	if values, ok := k.question.key(key); ok {
		return values, true
	}
	if name, tag, ok := strings.Cut(key, "/"); ok {
		if values, ok := k.tag(name, tag); ok {
			return values, true
		}
		return k.claim(key)
	}
	switch key {
	case "aws:principalarn": // of the role, never of its session [guide]
		return k.known(k.who.arn)
	case "aws:principalaccount":
		return k.known(k.who.account)
	case "aws:principaltype":
		switch {
		case k.who.root():
			return k.is("Account")
		case k.who.kind == meta.User:
			return k.is("User")
		case k.who.kind == meta.Role:
			return k.is("AssumedRole")
		}
		return k.is("Anonymous")
	case "aws:userid":
		if k.who.kind == meta.Role {
			return k.is(k.who.id + ":" + k.caller.Principal.Session.Name)
		}
		return k.known(k.who.id)
	case "aws:username": // of IAM users only
		if k.who.kind != meta.User {
			return nil, false
		}
		return k.is(k.who.name)
	case "aws:principalisawsservice", "aws:viaawsservice":
		return k.is("false")
	case "aws:tokenissuetime":
		issued := k.caller.TokenIssuedAt
		if k.caller.Principal.Session != nil {
			issued = k.caller.Principal.Session.IssuedAt // also for its tokens: "revoke active sessions" relies on it
		}
		if issued.IsZero() {
			return nil, false
		}
		return k.is(issued.UTC().Format(time.RFC3339))
	case "aws:multifactorauthpresent": // of temporary credentials only [guide]
		if k.caller.Principal.Session == nil {
			return nil, false
		}
		return k.is("false")
	case "aws:sourceidentity":
		return k.said(func(c *SessionContext) string { return c.SourceIdentity })
	case "aws:federatedprovider":
		return k.said(func(c *SessionContext) string { return c.Provider })
	case "aws:currenttime":
		return k.is(k.caller.At.UTC().Format(time.RFC3339))
	case "aws:epochtime":
		return k.is(strconv.FormatInt(k.caller.At.Unix(), 10))
	case "aws:sourceip":
		if !k.caller.Addr.IsValid() {
			return nil, false
		}
		return k.is(k.caller.Addr.Unmap().String())
	case "aws:securetransport":
		return k.is(strconv.FormatBool(k.caller.Secure))
	case "aws:requestedregion":
		return k.is(k.region)
	case "aws:resourceaccount":
		return k.is(k.on.account)
	}
	return k.claim(key)
}

// known is is, but for what is not known.
func (k *contextKeys) known(value string) ([]string, bool) {
	if value == "" {
		return nil, false
	}
	return k.is(value)
}

// said answers what the session says of itself.
func (k *contextKeys) said(of func(*SessionContext) string) ([]string, bool) {
	if k.session == nil {
		return nil, false
	}
	return k.known(of(&k.session.context))
}

// claim answers what the identity provider said of the session.
func (k *contextKeys) claim(folded string) ([]string, bool) {
	if k.session == nil {
		return nil, false
	}
	for name, values := range k.session.context.Claims {
		if policy.Fold(name) == folded {
			return slices.Clone(values), true
		}
	}
	return nil, false
}

func (k *contextKeys) is(value string) ([]string, bool) {
	i := k.answered
	if i == len(k.values) {
		return []string{value}, true
	}
	k.answered++
	k.values[i] = value
	return k.values[i : i+1 : i+1], true
}

// tag answers aws:PrincipalTag/k, in which the tags of a session go before
// those of its role; aws:ResourceTag/k; and, only for what IAM has, its other
// name iam:ResourceTag/k. Packages have no tags of their own, and a repository not
// those of its domain.
func (k *contextKeys) tag(name, key string) ([]string, bool) {
	var tags []Tag
	switch {
	case name == "aws:principaltag":
		if k.session != nil {
			if value, ok := tagged(k.session.context.Tags, key); ok {
				return k.is(value)
			}
		}
		tags = k.who.tags
	case name == "iam:resourcetag" && k.on.kind == "":
		tags = k.on.tags
	case name != "aws:resourcetag":
	case k.on.kind == "repository" && k.on.repository != nil:
		tags = k.on.repository.tags
	case k.on.kind == "domain" && k.on.domain != nil:
		tags = k.on.domain.tags
	default:
		tags = k.on.tags
	}
	value, ok := tagged(tags, key)
	if !ok {
		return nil, false
	}
	return k.is(value)
}

// key answers a condition key that the question brings, whose spelling is
// free but for what follows a slash.
func (q *Question) key(folded string) ([]string, bool) {
	for name, values := range q.Keys {
		head, tag, tagged := strings.Cut(folded, "/")
		nameHead, nameTag, nameTagged := strings.Cut(name, "/")
		if tagged == nameTagged && tag == nameTag && strings.EqualFold(head, nameHead) {
			return slices.Clone(values), true
		}
	}
	return nil, false
}
