package control

import (
	"context"
	"slices"
	"strconv"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/packagegroup"
	"larder.example/larder/internal/registry"
)

// ask adds the questions that an input raises to those so far, of which the
// first is about the operation itself.
type ask func(p *Plane, ctx context.Context, so []identity.Question, action string, in named) ([]identity.Question, error)

func asks(all ...ask) []ask { return all }

// account asks about no resource: the caller's own account.
func account(_ *Plane, _ context.Context, so []identity.Question, action string, _ named) ([]identity.Question, error) {
	return append(so, identity.Question{Action: action, Resource: "*"}), nil
}

func domain(p *Plane, ctx context.Context, so []identity.Question, action string, in named) ([]identity.Question, error) {
	return append(so, identity.Question{Action: action, Resource: domainRef(ctx, in.Names()).ARN(p.Region)}), nil
}

func repository(p *Plane, ctx context.Context, so []identity.Question, action string, in named) ([]identity.Question, error) {
	return append(so, identity.Question{Action: action, Resource: repositoryRef(ctx, in.Names()).ARN(p.Region)}), nil
}

// repositoryOrDomain asks about a repository that is to be made: AWS's guide
// has policies that allow it on the repository and such that allow it on the
// domain.
func repositoryOrDomain(p *Plane, ctx context.Context, so []identity.Question, action string, in named) ([]identity.Question, error) {
	r := repositoryRef(ctx, in.Names())
	return append(so, identity.Question{Action: action, Resource: r.ARN(p.Region), Alternative: r.Domain.ARN(p.Region)}), nil
}

func pkg(p *Plane, ctx context.Context, so []identity.Question, action string, in named) ([]identity.Question, error) {
	ref, err := p.packageRef(ctx, in.Names())
	return append(so, identity.Question{Action: action, Resource: ref.ARN(p.Region)}), err
}

func packageGroup(p *Plane, ctx context.Context, so []identity.Question, action string, in named) ([]identity.Question, error) {
	return append(so, identity.Question{Action: action, Resource: packageGroupRef(ctx, in.Names()).ARN(p.Region)}), nil
}

// associated asks about the package group that a package is of. Where there
// is no domain, it asks about the group that it would have.
func associated(p *Plane, ctx context.Context, so []identity.Question, action string, in named) ([]identity.Question, error) {
	ref, err := p.packageRef(ctx, in.Names())
	if err != nil {
		return so, err
	}
	group := larder.PackageGroupRef{Domain: ref.Repository.Domain, Pattern: packagegroup.Root}
	g, _, err := p.Registry.GetAssociatedPackageGroup(ctx, ref)
	switch {
	case err == nil:
		group = g.Ref
	case !larder.NotFound.Is(err):
		return so, err
	}
	return append(so, identity.Question{Action: action, Resource: group.ARN(p.Region)}), nil
}

func arn(p *Plane, _ context.Context, so []identity.Question, action string, in named) ([]identity.Question, error) {
	resource := larder.ARN(in.Names().ResourceArn)
	_, err := p.guarded(resource)
	return append(so, identity.Question{Action: action, Resource: resource}), err
}

// tags gives the operation's question the tags of the request and asks
// whether the resource may be tagged, if there are any.
func tags(_ *Plane, _ context.Context, so []identity.Question, action string, in named) ([]identity.Question, error) {
	var tags []codeartifact.Tag
	switch in := in.(type) {
	case *codeartifact.CreateDomainInput:
		tags = in.Tags
	case *codeartifact.CreateRepositoryInput:
		tags = in.Tags
	case *codeartifact.CreatePackageGroupInput:
		tags = in.Tags
	case *codeartifact.TagResourceInput:
		tags = in.Tags
	}
	if len(tags) == 0 {
		return so, nil
	}
	keys := map[string][]string{}
	for _, t := range tags {
		keys["aws:RequestTag/"+t.Key] = []string{t.Value}
		keys["aws:TagKeys"] = append(keys["aws:TagKeys"], t.Key)
	}
	so[0].Keys = keys
	if tag := codeartifact.TagResource.Action(); action != tag {
		q := so[0]
		q.Action = tag
		so = append(so, q)
	}
	return so, nil
}

// upstreams asks whether the upstreams of a repository that is to be made may
// be associated.
func upstreams(p *Plane, ctx context.Context, so []identity.Question, _ string, in named) ([]identity.Question, error) {
	if in, ok := in.(*codeartifact.CreateRepositoryInput); ok {
		for _, u := range in.Upstreams {
			ref := larder.RepositoryRef{Domain: domainRef(ctx, in.Names()), Name: u.RepositoryName}
			so = append(so, identity.Question{Action: registry.ActionAssociate, Resource: ref.ARN(p.Region)})
		}
	}
	return so, nil
}

// tagKeys gives the operation's question the keys that are to go.
func tagKeys(_ *Plane, _ context.Context, so []identity.Question, _ string, in named) ([]identity.Question, error) {
	if in, ok := in.(*codeartifact.UntagResourceInput); ok {
		so[0].Keys = map[string][]string{"aws:TagKeys": slices.Clone(in.TagKeys)}
	}
	return so, nil
}

// bearerToken asks for the second permission that a token needs, which only
// the caller's own policies can give.
func bearerToken(_ *Plane, _ context.Context, so []identity.Question, _ string, in named) ([]identity.Question, error) {
	seconds := int64(defaultDuration)
	if in, ok := in.(*codeartifact.GetAuthorizationTokenInput); ok && in.DurationSeconds != nil {
		seconds = *in.DurationSeconds // 0 stays 0: the guide's policies rely on it
	}
	return append(so, identity.Question{Action: "sts:GetServiceBearerToken", Resource: "*", Keys: map[string][]string{
		"sts:AWSServiceName":  {"codeartifact.amazonaws.com"},
		"sts:DurationSeconds": {strconv.FormatInt(seconds, 10)},
	}}), nil
}
