package identity

import (
	"context"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/policy"
)

// resolveDocument returns what is stored for a policy that names principals:
// unique IDs, so that a user or a role made again under a name inherits
// nothing.
func resolveDocument(ctx context.Context, tx *meta.Tx, document string) (string, error) {
	return rewritten(document, func(name string) (string, error) { return resolvePrincipal(ctx, tx, name) })
}

// nameDocument returns what people are shown of a stored policy: ARNs. Who is
// gone stays a unique ID.
func nameDocument(ctx context.Context, tx *meta.Tx, document string) (string, error) {
	return rewritten(document, func(id string) (string, error) { return namePrincipal(ctx, tx, id) })
}

func rewritten(document string, f func(string) (string, error)) (string, error) {
	b, err := policy.Rewrite([]byte(document), f)
	return string(b), err
}

// resolvePrincipal returns what is stored for a principal that a policy
// names: for a user or a role the unique ID, for a role's session the role's
// with the session's name. An account stays as it is, for it may be one that
// this server does not have.
func resolvePrincipal(ctx context.Context, tx *meta.Tx, name string) (string, error) {
	invalid := fault(larder.Invalid, policy.CodeMalformed, "Invalid principal in policy: \"AWS\":%q", name)
	if isAccount(name) {
		return name, nil
	}
	if id, _, ok := uniqueID(name); ok {
		_, ok, err := tx.EntityByID(ctx, id)
		if err == nil && !ok {
			err = invalid
		}
		return name, err
	}
	arn := strings.SplitN(name, ":", 6)
	if len(arn) < 6 || arn[0] != "arn" || arn[1] != "aws" || !isAccount(arn[4]) {
		return "", invalid
	}
	kind, rest, _ := strings.Cut(arn[5], "/")
	switch {
	case arn[2] == "iam" && arn[5] == "root", arn[2] == "sts" && kind == "federated-user":
		return name, nil
	case arn[2] == "iam" && (kind == string(meta.User) || kind == string(meta.Role)):
		e, ok, err := tx.Entity(ctx, arn[4], meta.EntityKind(kind), rest[strings.LastIndexByte(rest, '/')+1:])
		if err == nil && (!ok || entityOf(e).ARN() != name) {
			err = invalid
		}
		return e.ID, err
	case arn[2] == "sts" && kind == "assumed-role":
		role, session, _ := strings.Cut(rest, "/")
		e, ok, err := tx.Entity(ctx, arn[4], meta.Role, role)
		if err == nil && (!ok || e.Name != role) {
			err = invalid
		}
		return e.ID + ":" + session, err
	}
	return "", invalid
}

// namePrincipal returns the ARN for what resolvePrincipal returned.
func namePrincipal(ctx context.Context, tx *meta.Tx, stored string) (string, error) {
	id, session, ok := uniqueID(stored)
	if !ok {
		return stored, nil
	}
	e, ok, err := tx.EntityByID(ctx, id)
	switch {
	case err != nil || !ok:
		return stored, err
	case session != "":
		return "arn:aws:sts::" + e.Account + ":assumed-role/" + e.Name + "/" + session, nil
	}
	return entityOf(e).ARN(), nil
}

// uniqueID takes a principal that is named by unique ID apart: that of a
// user, a role or, with a name behind a colon, a role's session.
func uniqueID(s string) (id, session string, ok bool) {
	id, session, _ = strings.Cut(s, ":")
	return id, session, strings.HasPrefix(id, userPrefix) || strings.HasPrefix(id, rolePrefix)
}

func isAccount(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) == 12
}
