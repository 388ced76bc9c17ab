package policy

import (
	"slices"
	"strings"
)

// Principal is who asks, in every form in which a policy may name it. Unique
// IDs are what stored documents hold, so that a re-created user or role
// inherits nothing; ARNs match too, for documents that were not resolved.
type Principal struct {
	Account string // 12 digits; empty for a provider or a service that calls by itself
	ID      string // unique ID of the user or role: AIDA..., AROA...
	ARN     string // of the user or role
	Root    bool   // the account's root user

	// Session is the ARN of the session that is the principal: assumed-role
	// or federated-user. It is empty for a user, also one with temporary
	// credentials from GetSessionToken.
	Session string

	// Federated is the identity provider: through which the session was
	// issued or, if Account is empty, whose user asks for one.
	Federated string

	Service string // a service that calls by itself
}

// grant says in which way a statement names a principal, as bits: a set is
// kept, since one document may name it in several.
type grant uint8

const (
	direct    grant = 1 << iota // the user or the session itself: only a Deny limits it
	limited                     // the role behind a session, or everyone: boundary and session policies limit it
	delegated                   // the account: its identity policies must agree
)

// principals is the content of a Principal or NotPrincipal element.
type principals struct {
	everyone  bool
	accounts  []string
	names     []principalName
	federated []string
	services  []string
}

// principalName names a user, a role or a session by ARN or unique ID.
type principalName struct {
	text    string
	account string // of an ARN; unique IDs do not tell
	session bool
	role    string // of a role's session: what the names of all its sessions begin with
}

// isUser reports whether n is the user or role itself.
func (n *principalName) isUser(p *Principal) bool {
	return n.text == p.ARN || n.text == p.ID
}

// isSession reports whether n is the session itself: its ARN, or the role's
// unique ID and the session's name.
func (n *principalName) isSession(p *Principal) bool {
	if !n.session || p.Session == "" {
		return false
	}
	if n.text == p.Session {
		return true
	}
	id, ok := strings.CutSuffix(n.role, ":")
	return ok && id == p.ID && n.text[len(n.role):] == p.Session[strings.LastIndexByte(p.Session, '/')+1:]
}

// isSibling reports whether n is a session of the role behind p.
func (n *principalName) isSibling(p *Principal) bool {
	id, ok := strings.CutSuffix(n.role, ":")
	return ok && id == p.ID || n.role != "" && strings.HasPrefix(p.Session, n.role)
}

// grants returns how the element names p; none if it does not.
func (ps *principals) grants(p *Principal) grant {
	var g grant
	if ps.everyone {
		g |= limited
	}
	for _, account := range ps.accounts {
		if account == p.Account {
			g |= delegated
		}
	}
	for i := range ps.names {
		n := &ps.names[i]
		switch {
		case n.isUser(p) && p.Session == "", n.isSession(p):
			g |= direct
		case n.isUser(p):
			g |= limited
		}
	}
	for _, provider := range ps.federated {
		if provider == p.Federated {
			if p.Account == "" {
				g |= direct
			} else {
				g |= limited
			}
		}
	}
	for _, service := range ps.services {
		if service == p.Service {
			g |= direct
		}
	}
	return g
}

// excepts reports whether a NotPrincipal element excepts p. The most specific
// level that it names decides: with a user and its account named, other users
// of the account are not excepted (IAM User Guide, NotPrincipal, the example
// of Bob); with the account alone, all are. The guide warns that AWS may
// insist on the account besides the user; we do not.
func (ps *principals) excepts(p *Principal) bool {
	if ps.everyone || ps.grants(p)&direct != 0 ||
		p.Federated != "" && slices.Contains(ps.federated, p.Federated) {
		return true
	}
	var role, siblings, others bool
	for i := range ps.names {
		n := &ps.names[i]
		switch {
		case n.isUser(p):
			role = true
		case n.isSibling(p):
			siblings = true
		case n.account == p.Account || n.account == "":
			others = true
		}
	}
	switch {
	case siblings:
		return false
	case role:
		return true
	}
	return slices.Contains(ps.accounts, p.Account) && (p.Root || !others)
}

// name adds an entry of an element's map and reports whether it names anybody.
// Canonical user IDs belong to S3.
func (ps *principals) name(kind, s string) bool {
	switch kind {
	case "AWS":
		return ps.nameAWS(s)
	case "Federated":
		ps.federated = append(ps.federated, s)
	case "Service":
		ps.services = append(ps.services, s)
	default:
		return false
	}
	return s != "" && !strings.ContainsAny(s, "*?")
}

// nameAWS adds what an entry of "AWS" names and reports whether it names
// anything: "*", an account by number or root ARN, a user, a role, a session,
// or the unique ID of a user, a role or a session. Wildcards stand for nobody.
func (ps *principals) nameAWS(s string) bool {
	switch {
	case s == "*":
		ps.everyone = true
		return true
	case isAccount(s):
		ps.accounts = append(ps.accounts, s)
		return true
	case strings.ContainsAny(s, "*?"):
		return false
	case strings.HasPrefix(s, "AIDA"), strings.HasPrefix(s, "AROA"):
		return ps.nameID(s)
	}
	arn := strings.SplitN(s, ":", 6)
	if len(arn) < 6 || arn[0] != "arn" || !strings.HasPrefix(arn[1], "aws") || arn[3] != "" || !isAccount(arn[4]) {
		return false
	}
	name := principalName{text: s, account: arn[4]}
	kind, rest, _ := strings.Cut(arn[5], "/")
	switch {
	case arn[2] == "iam" && arn[5] == "root":
		ps.accounts = append(ps.accounts, arn[4])
		return true
	case rest == "":
		return false
	case arn[2] == "iam" && (kind == "user" || kind == "role"):
	case arn[2] == "sts" && kind == "federated-user":
		name.session = true
	case arn[2] == "sts" && kind == "assumed-role":
		role, session, ok := strings.Cut(rest, "/")
		if !ok || role == "" || session == "" || strings.Contains(session, "/") {
			return false
		}
		name.session, name.role = true, strings.TrimSuffix(s, session)
	default:
		return false
	}
	ps.names = append(ps.names, name)
	return true
}

// nameID adds a unique ID, which for a session is followed by its name.
func (ps *principals) nameID(s string) bool {
	id, session, ok := strings.Cut(s, ":")
	if len(id) < 16 || len(id) > 128 || strings.ContainsFunc(id, notInID) {
		return false
	}
	name := principalName{text: s}
	if ok {
		if session == "" || !strings.HasPrefix(id, "AROA") {
			return false
		}
		name.session, name.role = true, id+":"
	}
	ps.names = append(ps.names, name)
	return true
}

func notInID(r rune) bool {
	return (r < 'A' || r > 'Z') && (r < '0' || r > '9')
}

func isAccount(s string) bool {
	return len(s) == 12 && digits(s)
}
