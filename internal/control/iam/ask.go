package iam

import (
	"context"
	"maps"

	"larder.example/larder"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
)

// ask makes the questions that an input raises, the operation's own first.
// Resources and condition keys are those of the service authorization
// reference.
type ask func(p *Plane, ctx context.Context, action string, n iam.Names) ([]identity.Question, error)

// account asks about no resource: the caller's own account.
func account(_ *Plane, _ context.Context, action string, _ iam.Names) ([]identity.Question, error) {
	return []identity.Question{{Action: action, Resource: "*"}}, nil
}

// listing asks about all of a kind, as IAM does: about what the ARNs of those
// below the path begin with.
func listing(kind string) ask {
	return func(_ *Plane, ctx context.Context, action string, n iam.Names) ([]identity.Question, error) {
		if n.PathPrefix == "" {
			n.PathPrefix = "/"
		}
		return []identity.Question{{Action: action, Resource: larder.ARN("arn:aws:iam::" + caller(ctx).Account + ":" + kind + n.PathPrefix)}}, nil
	}
}

// fresh asks about an entity that is to be made.
func fresh(k identity.Kind) ask {
	return func(_ *Plane, ctx context.Context, action string, n iam.Names) ([]identity.Question, error) {
		e := identity.Entity{EntityRef: refIn(ctx, k, n), Path: orRoot(n.Path)}
		tag := iam.TagUser.Action()
		if k == meta.Role {
			tag = iam.TagRole.Action()
		}
		return withTags(identity.Question{Action: action, Resource: larder.ARN(e.ARN()), Keys: keys(n)}, n, tag), nil
	}
}

// existing asks about the entity that the input names: the caller, if it
// names none.
func existing(k identity.Kind) ask {
	return func(p *Plane, ctx context.Context, action string, n iam.Names) ([]identity.Question, error) {
		q := identity.Question{Action: action, Resource: larder.ARN(caller(ctx).ARN), Keys: keys(n)}
		ref := refIn(ctx, k, n)
		if ref.Name == "" {
			if caller(ctx).Root() {
				return []identity.Question{q}, nil
			}
			var err error
			if ref, err = p.self(ctx); err != nil {
				return nil, err
			}
		}
		arn, boundary := p.Identity.About(ref)
		q.Resource = arn
		if boundary != "" && n.PermissionsBoundary == "" {
			q.Keys["iam:PermissionsBoundary"] = []string{boundary}
		}
		return []identity.Question{q}, nil
	}
}

// moved asks about an entity as it is and as it is to be called: IAM wants
// permission on both.
func moved(k identity.Kind) ask {
	return func(p *Plane, ctx context.Context, action string, n iam.Names) ([]identity.Question, error) {
		questions, err := existing(k)(p, ctx, action, n)
		if err != nil {
			return nil, err
		}
		path, name := n.NewPath, n.NewName
		if name == "" {
			name = refIn(ctx, k, n).Name
		}
		if path == "" {
			path = pathOf(questions[0].Resource)
		}
		to := questions[0]
		to.Resource = larder.ARN(identity.Entity{EntityRef: identity.EntityRef{Account: caller(ctx).Account, Kind: k, Name: name}, Path: path}.ARN())
		if to.Resource != questions[0].Resource {
			questions = append(questions, to)
		}
		return questions, nil
	}
}

// newPolicy asks about a managed policy that is to be made.
func newPolicy(_ *Plane, ctx context.Context, action string, n iam.Names) ([]identity.Question, error) {
	p := identity.ManagedPolicy{Account: caller(ctx).Account, Path: orRoot(n.Path), Name: n.PolicyName}
	return withTags(identity.Question{Action: action, Resource: larder.ARN(p.ARN()), Keys: keys(n)}, n, iam.TagPolicy.Action()), nil
}

// managedPolicy asks about the managed policy that the input names.
func managedPolicy(_ *Plane, _ context.Context, action string, n iam.Names) ([]identity.Question, error) {
	return []identity.Question{{Action: action, Resource: larder.ARN(n.PolicyArn), Keys: tagKeys(n)}}, nil
}

// newProvider asks about an identity provider that is to be made.
func newProvider(_ *Plane, ctx context.Context, action string, n iam.Names) ([]identity.Question, error) {
	q := identity.Question{Action: action, Resource: larder.ARN(identity.ProviderARN(caller(ctx).Account, n.Url)), Keys: keys(n)}
	return withTags(q, n, iam.TagOpenIDConnectProvider.Action()), nil
}

// provider asks about the identity provider that the input names.
func provider(_ *Plane, _ context.Context, action string, n iam.Names) ([]identity.Question, error) {
	return []identity.Question{{Action: action, Resource: larder.ARN(n.OpenIDConnectProviderArn), Keys: keys(n)}}, nil
}

// policySource asks about the user, group or role whose policies are looked
// at.
func policySource(_ *Plane, _ context.Context, action string, n iam.Names) ([]identity.Question, error) {
	return []identity.Question{{Action: action, Resource: larder.ARN(n.PolicySourceArn)}}, nil
}

// keyOwner asks about whose access key the input names. About a key that the
// account does not have, it asks about the account.
func keyOwner(p *Plane, ctx context.Context, action string, n iam.Names) ([]identity.Question, error) {
	q := identity.Question{Action: action, Resource: "*"}
	use, err := p.Identity.AccessKeyUse(ctx, caller(ctx).Account, n.AccessKeyId)
	if larder.NotFound.Is(err) {
		return []identity.Question{q}, nil
	}
	q.Resource = larder.ARN(use.Owner)
	return []identity.Question{q}, err
}

// withTags returns the question and, if there are tags, whether what is to be
// made may have them.
func withTags(q identity.Question, n iam.Names, action string) []identity.Question {
	if len(n.Tags) == 0 {
		return []identity.Question{q}
	}
	tag := q
	tag.Action = action
	return []identity.Question{q, tag}
}

// keys are the condition keys that an input brings.
func keys(n iam.Names) map[string][]string {
	all := tagKeys(n)
	if n.PolicyArn != "" {
		all["iam:PolicyARN"] = []string{n.PolicyArn}
	}
	if n.PermissionsBoundary != "" {
		all["iam:PermissionsBoundary"] = []string{n.PermissionsBoundary}
	}
	return all
}

func tagKeys(n iam.Names) map[string][]string {
	all := map[string][]string{}
	for _, t := range n.Tags {
		all["aws:RequestTag/"+t.Key] = []string{t.Value}
		all["aws:TagKeys"] = append(all["aws:TagKeys"], t.Key)
	}
	if len(n.TagKeys) > 0 {
		maps.Copy(all, map[string][]string{"aws:TagKeys": n.TagKeys})
	}
	return all
}
