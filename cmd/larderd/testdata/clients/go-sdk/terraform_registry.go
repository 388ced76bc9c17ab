package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codeartifact"
	"github.com/aws/aws-sdk-go-v2/service/codeartifact/types"
)

const tfDomain, tfRepository = "tf-domain", "tf-repository"

// artifactTags reads the tags of a resource, as the provider does after every
// read of one.
func (t *terraform) artifactTags(ctx context.Context, arn *string) (map[string]string, error) {
	got, err := t.artifacts.ListTagsForResource(ctx, &codeartifact.ListTagsForResourceInput{ResourceArn: arn})
	m := map[string]string{}
	if err == nil {
		for _, tag := range got.Tags {
			m[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
	}
	return m, err
}

// retag changes the tags of a resource.
func (t *terraform) retag(ctx context.Context, arn *string) error {
	_, err := t.artifacts.UntagResource(ctx, &codeartifact.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"stage"}})
	_, err2 := t.artifacts.TagResource(ctx, &codeartifact.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("blue")}}})
	tags, err3 := t.artifactTags(ctx, arn)
	return errors.Join(err, err2, err3, same("tags", tags, map[string]string{"team": "blue"}))
}

func artifactRed() []types.Tag {
	return []types.Tag{{Key: aws.String("team"), Value: aws.String("red")}, {Key: aws.String("stage"), Value: aws.String("test")}}
}

func (t *terraform) domain(ctx context.Context) error {
	made, err := t.artifacts.CreateDomain(ctx, &codeartifact.CreateDomainInput{Domain: aws.String(tfDomain), Tags: artifactRed()})
	if err != nil {
		return err
	}
	got, err := t.artifacts.DescribeDomain(ctx, &codeartifact.DescribeDomainInput{Domain: aws.String(tfDomain), DomainOwner: aws.String(t.account)})
	if err != nil {
		return err
	}
	tags, err := t.artifactTags(ctx, made.Domain.Arn)
	return errors.Join(err, same("tags", tags, tagMap(red)), same("arn", got.Domain.Arn, made.Domain.Arn), same("owner", aws.ToString(got.Domain.Owner), t.account),
		same("repository_count", got.Domain.RepositoryCount, int32(0)), same("encryption_key", got.Domain.EncryptionKey != nil, true),
		same("created_time", got.Domain.CreatedTime != nil, true), t.retag(ctx, made.Domain.Arn))
}

func (t *terraform) destroyDomain(ctx context.Context) error {
	if _, err := t.artifacts.DeleteDomain(ctx, &codeartifact.DeleteDomainInput{Domain: aws.String(tfDomain), DomainOwner: aws.String(t.account)}); err != nil {
		return err
	}
	_, err := t.artifacts.DescribeDomain(ctx, &codeartifact.DescribeDomainInput{Domain: aws.String(tfDomain), DomainOwner: aws.String(t.account)})
	return failed("read after destroy", err, some[*types.ResourceNotFoundException])
}

func (t *terraform) repository(ctx context.Context) error {
	domain, owner, name := aws.String(tfDomain), aws.String(t.account), aws.String(tfRepository)
	if _, err := t.artifacts.CreateRepository(ctx, &codeartifact.CreateRepositoryInput{Domain: domain, Repository: aws.String("tf-upstream")}); err != nil {
		return err
	}
	made, err := t.artifacts.CreateRepository(ctx, &codeartifact.CreateRepositoryInput{
		Domain: domain, Repository: name, Description: aws.String("made by Terraform"), Tags: artifactRed(),
	})
	if err != nil {
		return err
	}
	read := func(description string, upstreams ...string) error {
		got, err := t.artifacts.DescribeRepository(ctx, &codeartifact.DescribeRepositoryInput{Domain: domain, DomainOwner: owner, Repository: name})
		if err != nil {
			return err
		}
		var names []string
		for _, u := range got.Repository.Upstreams {
			names = append(names, aws.ToString(u.RepositoryName))
		}
		r := got.Repository
		return errors.Join(same("arn", r.Arn, made.Repository.Arn), same("description", aws.ToString(r.Description), description), same("upstream", names, upstreams),
			same("administrator_account", aws.ToString(r.AdministratorAccount), t.account), same("domain_owner", aws.ToString(r.DomainOwner), t.account),
			same("external_connections", len(r.ExternalConnections), 0))
	}
	tags, err := t.artifactTags(ctx, made.Repository.Arn)
	if err := errors.Join(err, same("tags", tags, tagMap(red)), read("made by Terraform")); err != nil {
		return fmt.Errorf("read after create: %w", err)
	}
	_, err = t.artifacts.UpdateRepository(ctx, &codeartifact.UpdateRepositoryInput{
		Domain: domain, DomainOwner: owner, Repository: name, Description: aws.String("changed"),
		Upstreams: []types.UpstreamRepository{{RepositoryName: aws.String("tf-upstream")}},
	})
	if err := errors.Join(err, read("changed", "tf-upstream"), t.retag(ctx, made.Repository.Arn)); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	return nil
}

// domainPolicy sends with each change the revision that the last read gave.
func (t *terraform) domainPolicy(ctx context.Context) error {
	domain, owner := aws.String(tfDomain), aws.String(t.account)
	var revision *string
	for _, action := range []string{"codeartifact:CreateRepository", "codeartifact:ListRepositoriesInDomain"} {
		document := t.permissions(action)
		put, err := t.artifacts.PutDomainPermissionsPolicy(ctx, &codeartifact.PutDomainPermissionsPolicyInput{
			Domain: domain, DomainOwner: owner, PolicyDocument: aws.String(document), PolicyRevision: revision,
		})
		if err != nil {
			return err
		}
		got, err := t.artifacts.GetDomainPermissionsPolicy(ctx, &codeartifact.GetDomainPermissionsPolicyInput{Domain: domain, DomainOwner: owner})
		if err != nil {
			return err
		}
		if err := errors.Join(same("policy_document", aws.ToString(got.Policy.Document), document), same("resource_arn", got.Policy.ResourceArn, put.Policy.ResourceArn),
			same("policy_revision", got.Policy.Revision, put.Policy.Revision)); err != nil {
			return err
		}
		revision = got.Policy.Revision
	}
	if _, err := t.artifacts.DeleteDomainPermissionsPolicy(ctx, &codeartifact.DeleteDomainPermissionsPolicyInput{Domain: domain, DomainOwner: owner}); err != nil {
		return err
	}
	_, err := t.artifacts.GetDomainPermissionsPolicy(ctx, &codeartifact.GetDomainPermissionsPolicyInput{Domain: domain, DomainOwner: owner})
	return failed("read after destroy", err, some[*types.ResourceNotFoundException])
}

// repositoryPolicy puts a policy on the repository, and destroys both.
func (t *terraform) repositoryPolicy(ctx context.Context) error {
	domain, owner, name := aws.String(tfDomain), aws.String(t.account), aws.String(tfRepository)
	document := t.permissions("codeartifact:ReadFromRepository")
	if _, err := t.artifacts.PutRepositoryPermissionsPolicy(ctx, &codeartifact.PutRepositoryPermissionsPolicyInput{
		Domain: domain, DomainOwner: owner, Repository: name, PolicyDocument: aws.String(document),
	}); err != nil {
		return err
	}
	in := &codeartifact.GetRepositoryPermissionsPolicyInput{Domain: domain, DomainOwner: owner, Repository: name}
	got, err := t.artifacts.GetRepositoryPermissionsPolicy(ctx, in)
	if err != nil {
		return err
	}
	if err := same("policy_document", aws.ToString(got.Policy.Document), document); err != nil {
		return err
	}
	if _, err := t.artifacts.DeleteRepositoryPermissionsPolicy(ctx, &codeartifact.DeleteRepositoryPermissionsPolicyInput{Domain: domain, DomainOwner: owner, Repository: name}); err != nil {
		return err
	}
	_, err = t.artifacts.GetRepositoryPermissionsPolicy(ctx, in)
	if err := failed("read after destroy", err, some[*types.ResourceNotFoundException]); err != nil {
		return err
	}
	for _, repository := range []string{tfRepository, "tf-upstream"} {
		if _, err := t.artifacts.DeleteRepository(ctx, &codeartifact.DeleteRepositoryInput{Domain: domain, DomainOwner: owner, Repository: aws.String(repository)}); err != nil {
			return err
		}
	}
	_, err = t.artifacts.DescribeRepository(ctx, &codeartifact.DescribeRepositoryInput{Domain: domain, DomainOwner: owner, Repository: name})
	return failed("the repository after destroy", err, some[*types.ResourceNotFoundException])
}

// permissions is a policy as Terraform's jsonencode spells it.
func (t *terraform) permissions(action string) string {
	return `{"Statement":[{"Action":"` + action + `","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + t.account + `:root"},"Resource":"*"}],"Version":"2012-10-17"}`
}
