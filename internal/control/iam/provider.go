package iam

import (
	"context"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
)

func (p *Plane) createOpenIDConnectProvider(ctx context.Context, in *iam.CreateOpenIDConnectProviderInput) (*iam.CreateOpenIDConnectProviderOutput, error) {
	made, err := p.Identity.CreateProvider(ctx, identity.Provider{
		Account: caller(ctx).Account, URL: in.Url, ClientIDs: in.ClientIDList, Thumbprints: in.ThumbprintList, Tags: tagsIn(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	return &iam.CreateOpenIDConnectProviderOutput{OpenIDConnectProviderArn: made.ARN(), Tags: in.Tags}, nil
}

func (p *Plane) getOpenIDConnectProvider(ctx context.Context, in *iam.GetOpenIDConnectProviderInput) (*iam.GetOpenIDConnectProviderOutput, error) {
	found, err := p.Identity.Provider(ctx, in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	return &iam.GetOpenIDConnectProviderOutput{
		Url: found.URL, ClientIDList: found.ClientIDs, ThumbprintList: found.Thumbprints,
		CreateDate: found.CreatedAt, Tags: tagsOut(found.Tags),
	}, nil
}

func (p *Plane) listOpenIDConnectProviders(ctx context.Context, _ *iam.ListOpenIDConnectProvidersInput) (*iam.ListOpenIDConnectProvidersOutput, error) {
	all, err := p.Identity.Providers(ctx, caller(ctx).Account)
	out := &iam.ListOpenIDConnectProvidersOutput{}
	for _, found := range all {
		out.OpenIDConnectProviderList = append(out.OpenIDConnectProviderList, iam.OpenIDConnectProviderListEntry{Arn: found.ARN()})
	}
	return out, err
}

func (p *Plane) deleteOpenIDConnectProvider(ctx context.Context, in *iam.DeleteOpenIDConnectProviderInput) (*iam.DeleteOpenIDConnectProviderOutput, error) {
	return &iam.DeleteOpenIDConnectProviderOutput{}, p.Identity.DeleteProvider(ctx, in.OpenIDConnectProviderArn)
}

func (p *Plane) addClientIDToOpenIDConnectProvider(ctx context.Context, in *iam.AddClientIDToOpenIDConnectProviderInput) (*iam.AddClientIDToOpenIDConnectProviderOutput, error) {
	return &iam.AddClientIDToOpenIDConnectProviderOutput{}, p.Identity.AddClientID(ctx, in.OpenIDConnectProviderArn, in.ClientID)
}

func (p *Plane) removeClientIDFromOpenIDConnectProvider(ctx context.Context, in *iam.RemoveClientIDFromOpenIDConnectProviderInput) (*iam.RemoveClientIDFromOpenIDConnectProviderOutput, error) {
	return &iam.RemoveClientIDFromOpenIDConnectProviderOutput{}, p.Identity.RemoveClientID(ctx, in.OpenIDConnectProviderArn, in.ClientID)
}

func (p *Plane) updateOpenIDConnectProviderThumbprint(ctx context.Context, in *iam.UpdateOpenIDConnectProviderThumbprintInput) (*iam.UpdateOpenIDConnectProviderThumbprintOutput, error) {
	return &iam.UpdateOpenIDConnectProviderThumbprintOutput{}, p.Identity.SetThumbprints(ctx, in.OpenIDConnectProviderArn, in.ThumbprintList)
}
