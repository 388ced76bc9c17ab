package policy

import (
	"encoding/json"
	"slices"
	"strings"
)

// Parse reads and compiles a document of kind k. Its errors say what is wrong
// and where; where AWS's wording is known, they have it.
func Parse(k Kind, document []byte) (*Policy, error) {
	r, err := read(document)
	if err != nil {
		return nil, err
	}
	d := source{kind: k}
	if err := d.read(r); err != nil {
		return nil, err
	}
	return compile(&d)
}

// source is a document as written. It is read to its end before anything is
// compiled, since the version may stand behind what it gives a meaning to.
type source struct {
	kind       Kind
	version    string
	statements []sourceStatement
}

type sourceStatement struct {
	where                   string
	sid, effect             string
	principal, notPrincipal *principals
	action, notAction       []string
	resource, notResource   []string
	conditions              []sourceCondition
	start, end              Position
}

type sourceCondition struct {
	where         string
	operator, key string
	values        []string
}

// asWritten is the fold of objects whose keys are case-sensitive.
func asWritten(key string) string { return key }

func (d *source) read(r *reader) error {
	token, err := r.next()
	if err != nil {
		return err
	}
	err = r.object("", token, asWritten, func(where, key string) (err error) {
		switch key {
		case "Version":
			d.version, err = r.readString(where)
			if err == nil && d.version != "2008-10-17" && d.version != "2012-10-17" {
				return malformed(where, "%q is neither 2012-10-17 nor 2008-10-17", d.version)
			}
		case "Id": // the guide forbids it in identity policies, IAM takes it
			_, err = r.readString(where)
		case "Statement":
			err = r.list(where, func(where string, token json.Token) error {
				if where == "Statement" {
					where = "Statement[0]"
				}
				return d.readStatement(r, where, token)
			})
		default:
			return malformed("", "Unknown field %s", key)
		}
		return err
	})
	if err == nil && len(d.statements) == 0 {
		return malformed("", "Missing required field Statement")
	}
	return err
}

func (d *source) readStatement(r *reader, where string, token json.Token) error {
	st := sourceStatement{where: where, start: r.position(r.start)}
	err := r.object(where, token, asWritten, func(where, key string) (err error) {
		switch key {
		case "Sid":
			st.sid, err = r.readString(where)
		case "Effect":
			st.effect, err = r.readString(where)
		case "Principal":
			st.principal, err = readPrincipals(r, where)
		case "NotPrincipal":
			st.notPrincipal, err = readPrincipals(r, where)
		case "Action":
			st.action, err = r.readStrings(where, false)
		case "NotAction":
			st.notAction, err = r.readStrings(where, false)
		case "Resource":
			st.resource, err = r.readStrings(where, false)
		case "NotResource":
			st.notResource, err = r.readStrings(where, false)
		case "Condition":
			st.conditions, err = readConditions(r, where)
		default:
			return malformed(st.where, "Unknown field %s", key)
		}
		return err
	})
	if err != nil {
		return err
	}
	st.end = r.position(r.end())
	d.statements = append(d.statements, st)
	return st.check(d.kind)
}

func readPrincipals(r *reader, where string) (*principals, error) {
	token, err := r.next()
	if err != nil {
		return nil, err
	}
	ps := new(principals)
	if token == "*" {
		ps.everyone = true
		return ps, nil
	}
	if s, ok := token.(string); ok {
		return nil, malformed(where, "Invalid principal in policy: %q", s)
	}
	entries := 0
	err = r.object(where, token, asWritten, func(where, kind string) error {
		names, err := r.readStrings(where, false)
		entries += len(names)
		for _, name := range names {
			if err == nil && !ps.name(kind, name) {
				err = malformed(where, "Invalid principal in policy: %q:%q", kind, name)
			}
		}
		return err
	})
	if err == nil && entries == 0 {
		return nil, malformed(where, "Missing required field Principal cannot be empty")
	}
	return ps, err
}

func readConditions(r *reader, where string) ([]sourceCondition, error) {
	token, err := r.next()
	if err != nil {
		return nil, err
	}
	var conditions []sourceCondition
	return conditions, r.object(where, token, strings.ToLower, func(where, operator string) error {
		token, err := r.next()
		if err != nil {
			return err
		}
		return r.object(where, token, Fold, func(where, key string) error {
			values, err := r.readStrings(where, true)
			conditions = append(conditions, sourceCondition{where, operator, key, values})
			return err
		})
	})
}

// check refuses a statement whose elements do not go together or, in a
// document of kind k, do not belong.
func (st *sourceStatement) check(k Kind) error {
	switch st.effect {
	case "Allow", "Deny":
	case "":
		return malformed(st.where, "Missing required field Effect")
	default:
		return malformed(st.where+".Effect", "%q is neither Allow nor Deny", st.effect)
	}
	if k != Resource && strings.ContainsFunc(st.sid, notInSid) {
		return malformed(st.where+".Sid", "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*")
	}
	if err := st.checkPrincipals(k); err != nil {
		return err
	}
	if err := st.checkActions(k); err != nil {
		return err
	}
	return st.checkResources(k)
}

func (st *sourceStatement) checkPrincipals(k Kind) error {
	switch {
	case k == Identity && (st.principal != nil || st.notPrincipal != nil):
		return malformed(st.where, "Policy document should not specify a principal")
	case k == Identity:
		return nil
	case st.principal != nil && st.notPrincipal != nil:
		return malformed(st.where, "Principal and NotPrincipal exclude each other")
	case st.principal == nil && st.notPrincipal == nil:
		return malformed(st.where, "Missing required field Principal")
	case st.notPrincipal != nil && k == Trust:
		return malformed(st.where, "Has prohibited field NotPrincipal")
	case st.notPrincipal != nil && st.effect != "Deny":
		return malformed(st.where, "NotPrincipal may be used with Effect Deny only")
	}
	return nil
}

func (st *sourceStatement) checkActions(k Kind) error {
	if st.action != nil && st.notAction != nil {
		return malformed(st.where, "Action and NotAction exclude each other")
	}
	if len(st.action)+len(st.notAction) == 0 {
		return malformed(st.where, "Policy statement must contain actions")
	}
	for _, a := range slices.Concat(st.action, st.notAction) {
		vendor, name, ok := strings.Cut(a, ":")
		if a != "*" && (!ok || vendor == "" || name == "") {
			return malformed(st.where, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.: %q", a)
		}
		if k == Trust && (st.notAction != nil || !strings.EqualFold(vendor, "sts")) {
			return malformed(st.where, "AssumeRole policy may only specify STS AssumeRole actions")
		}
	}
	return nil
}

// checkResources knows one thing that the guide's grammar does not: policies
// on a resource may leave Resource out, which means the resource itself.
func (st *sourceStatement) checkResources(k Kind) error {
	switch {
	case k == Trust && st.resource != nil:
		return malformed(st.where, "Has prohibited field Resource")
	case k == Trust && st.notResource != nil:
		return malformed(st.where, "Has prohibited field NotResource")
	case st.resource != nil && st.notResource != nil:
		return malformed(st.where, "Resource and NotResource exclude each other")
	case len(st.resource)+len(st.notResource) > 0:
		return nil
	case k == Identity || st.resource != nil || st.notResource != nil:
		return malformed(st.where, "Policy statement must contain resources")
	}
	return nil
}

func notInSid(r rune) bool {
	return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9')
}
