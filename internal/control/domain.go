package control

import (
	"context"
	"regexp"
	"strings"
	"sync"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/registry"
)

const (
	statusActive  = "Active"
	statusDeleted = "Deleted"
)

func (p *Plane) createDomain(ctx context.Context, in *codeartifact.CreateDomainInput) (*codeartifact.CreateDomainOutput, error) {
	ref := larder.DomainRef{Owner: callerAccount(ctx), Name: in.Domain}
	key, err := p.encryptionKey(ref.Owner, in.EncryptionKey)
	if err != nil {
		return nil, err
	}
	d, err := p.Registry.CreateDomain(ctx, registry.NewDomain{Ref: ref, EncryptionKey: key, Tags: tagsOf(in.Tags)})
	if err != nil {
		return nil, err
	}
	return &codeartifact.CreateDomainOutput{Domain: p.describedDomain(d, 0, statusActive)}, nil
}

// keyID is the name of a KMS key: a UUID, or one of several regions.
var keyID = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(mrk-)?[0-9a-fA-F-]{32,36}$`)
})

// encryptionKey returns the ARN of a key that is named by its ID, its alias
// or its ARN. The key is noted and not used: what is stored is encrypted by
// the disk, if at all.
func (p *Plane) encryptionKey(account, name string) (string, error) {
	prefix := "arn:aws:kms:" + p.Region + ":" + account + ":"
	id, isKey := strings.CutPrefix(name, "key/")
	switch {
	case name == "":
		return "", nil
	case strings.HasPrefix(name, "arn:aws:kms:") && (strings.Contains(name, ":key/") || strings.Contains(name, ":alias/")):
		return name, nil
	case strings.HasPrefix(name, "alias/"):
		return prefix + name, nil
	case isKey && keyID().MatchString(id), keyID().MatchString(name):
		return prefix + "key/" + id, nil
	}
	return "", &larder.Error{
		Kind: larder.Invalid, Code: "ENCRYPTION_KEY_ERROR",
		Message: "The encryption key '" + name + "' is not the ID, the alias or the ARN of a KMS key.",
	}
}

func (p *Plane) describedDomain(d registry.Domain, repositories int, status string) *codeartifact.DomainDescription {
	return &codeartifact.DomainDescription{
		Name:            d.Ref.Name,
		Owner:           d.Ref.Owner,
		Arn:             string(d.Ref.ARN(p.Region)),
		Status:          status,
		CreatedTime:     d.CreatedAt,
		EncryptionKey:   d.EncryptionKey,
		RepositoryCount: repositories,
		AssetSizeBytes:  d.AssetBytes,
	}
}

func (p *Plane) describeDomain(ctx context.Context, in *codeartifact.DescribeDomainInput) (*codeartifact.DescribeDomainOutput, error) {
	d, repositories, err := p.Registry.DescribeDomain(ctx, domainRef(ctx, in.Names()))
	if err != nil {
		return nil, err
	}
	return &codeartifact.DescribeDomainOutput{Domain: p.describedDomain(d, repositories, statusActive)}, nil
}

func (p *Plane) listDomains(ctx context.Context, in *codeartifact.ListDomainsInput) (*codeartifact.ListDomainsOutput, error) {
	owner, limit := callerAccount(ctx), limitOr(in.MaxResults, otherPage)
	k, err := p.openPage("ListDomains", owner, in.NextToken)
	if err != nil {
		return nil, err
	}
	all, err := p.Registry.ListDomains(ctx, owner, k.Name, limit+1)
	if err != nil {
		return nil, err
	}
	page, next, err := closePage(p, "ListDomains", owner, all, limit, func(d registry.Domain) pageKey { return pageKey{Name: d.Ref.Name} })
	out := &codeartifact.ListDomainsOutput{NextToken: next}
	for _, d := range page {
		out.Domains = append(out.Domains, codeartifact.DomainSummary{
			Name:          d.Ref.Name,
			Owner:         d.Ref.Owner,
			Arn:           string(d.Ref.ARN(p.Region)),
			Status:        statusActive,
			CreatedTime:   d.CreatedAt,
			EncryptionKey: d.EncryptionKey,
		})
	}
	return out, err
}

// deleteDomain succeeds for a domain that does not exist, as AWS's does
// (seen in its CloudFormation provider).
func (p *Plane) deleteDomain(ctx context.Context, in *codeartifact.DeleteDomainInput) (*codeartifact.DeleteDomainOutput, error) {
	d, err := p.Registry.DeleteDomain(ctx, domainRef(ctx, in.Names()))
	if larder.NotFound.Is(err) {
		return &codeartifact.DeleteDomainOutput{}, nil
	}
	if err != nil {
		return nil, err
	}
	return &codeartifact.DeleteDomainOutput{Domain: p.describedDomain(d, 0, statusDeleted)}, nil
}

func (p *Plane) putDomainPermissionsPolicy(ctx context.Context, in *codeartifact.PutDomainPermissionsPolicyInput) (*codeartifact.PutDomainPermissionsPolicyOutput, error) {
	policy, err := p.putPolicy(ctx, identity.Guarded{Domain: domainRef(ctx, in.Names())}, in.PolicyDocument, in.PolicyRevision)
	return &codeartifact.PutDomainPermissionsPolicyOutput{Policy: policy}, err
}

func (p *Plane) getDomainPermissionsPolicy(ctx context.Context, in *codeartifact.GetDomainPermissionsPolicyInput) (*codeartifact.GetDomainPermissionsPolicyOutput, error) {
	policy, err := p.policy(ctx, identity.Guarded{Domain: domainRef(ctx, in.Names())})
	return &codeartifact.GetDomainPermissionsPolicyOutput{Policy: policy}, err
}

func (p *Plane) deleteDomainPermissionsPolicy(ctx context.Context, in *codeartifact.DeleteDomainPermissionsPolicyInput) (*codeartifact.DeleteDomainPermissionsPolicyOutput, error) {
	policy, err := p.deletePolicy(ctx, identity.Guarded{Domain: domainRef(ctx, in.Names())}, in.PolicyRevision)
	return &codeartifact.DeleteDomainPermissionsPolicyOutput{Policy: policy}, err
}
