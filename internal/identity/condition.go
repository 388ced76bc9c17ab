package identity

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// contextKeys answers the condition keys of one question. It implements
// policy.Keys, whose keys come folded. Keys that CodeArtifact does not supply
// (aws:Referer, aws:UserAgent) are absent.
type contextKeys struct {
	region   string
	caller   *Caller
	who      *principal
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
		return k.tag(name, tag)
	}
	switch key {
	case "aws:principalarn":
		return k.is(k.who.arn)
	case "aws:principalaccount":
		return k.is(k.who.account)
	case "aws:principaltype":
		if k.who.root() {
			return k.is("Account")
		}
		return k.is("User")
	case "aws:userid":
		return k.is(k.who.id)
	case "aws:username":
		if k.who.root() {
			return nil, false
		}
		return k.is(k.who.name)
	case "aws:principalisawsservice", "aws:viaawsservice":
		return k.is("false")
	case "aws:tokenissuetime":
		if k.caller.TokenIssuedAt.IsZero() {
			return nil, false
		}
		return k.is(k.caller.TokenIssuedAt.UTC().Format(time.RFC3339))
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

// tag answers aws:PrincipalTag/k, aws:ResourceTag/k and, for a user, its other
// name iam:ResourceTag/k. Packages have no tags of their own, and a
// repository not those of its domain.
func (k *contextKeys) tag(name, tag string) ([]string, bool) {
	var tags map[string]string
	switch {
	case name == "aws:principaltag":
		tags = k.who.tags
	case k.on.user != nil && (name == "aws:resourcetag" || name == "iam:resourcetag"):
		tags = k.on.user.tags
	case name != "aws:resourcetag":
	case k.on.kind == "repository" && k.on.repository != nil:
		tags = k.on.repository.tags
	case k.on.kind == "domain" && k.on.domain != nil:
		tags = k.on.domain.tags
	}
	value, ok := tags[tag]
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
