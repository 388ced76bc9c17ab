package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codeartifact"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// terraform makes the calls of Terraform's AWS provider for each resource: it
// creates, reads what it created at once, changes, reads again and destroys.
// What is read must be what was configured, or Terraform would plan a change
// for ever; what is gone must be gone in the way that the provider knows.
type terraform struct {
	iam       *iam.Client
	artifacts *codeartifact.Client
	account   string
}

// replay takes every resource through life.
func replay(ctx context.Context, c aws.Config) error {
	who, err := sts.NewFromConfig(c).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return err
	}
	t := &terraform{iam: iam.NewFromConfig(c), artifacts: codeartifact.NewFromConfig(c), account: aws.ToString(who.Account)}
	for _, resource := range []struct {
		name string
		life func(context.Context) error
	}{
		{"aws_iam_user", t.user},
		{"aws_iam_group", t.group},
		{"aws_iam_policy", t.policy},
		{"aws_iam_role", t.role},
		{"aws_iam_openid_connect_provider", t.provider},
		{"aws_codeartifact_domain", t.domain},
		{"aws_codeartifact_domain_permissions_policy", t.domainPolicy},
		{"aws_codeartifact_repository", t.repository},
		{"aws_codeartifact_repository_permissions_policy", t.repositoryPolicy},
		{"aws_codeartifact_domain, destroyed", t.destroyDomain},
	} {
		if err := resource.life(ctx); err != nil {
			return fmt.Errorf("%s: %w", resource.name, err)
		}
	}
	return nil
}

// same reports, as an error, that what was read is not what was configured.
func same(what string, got, want any) error {
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("%s: got %v, want %v", what, got, want)
	}
	return nil
}

// plain returns a policy document as the provider decodes it.
func plain(document *string) string {
	text, err := url.QueryUnescape(aws.ToString(document))
	if err != nil {
		return err.Error()
	}
	return text
}

func tagMap(tags []types.Tag) map[string]string {
	m := map[string]string{}
	for _, t := range tags {
		m[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return m
}

var (
	red  = []types.Tag{{Key: aws.String("team"), Value: aws.String("red")}, {Key: aws.String("stage"), Value: aws.String("test")}}
	blue = []types.Tag{{Key: aws.String("team"), Value: aws.String("blue")}}
)

func (t *terraform) user(ctx context.Context) error {
	boundary := aws.String("arn:aws:iam::aws:policy/AWSCodeArtifactAdminAccess")
	name := aws.String("tf-user")
	made, err := t.iam.CreateUser(ctx, &iam.CreateUserInput{UserName: name, Path: aws.String("/"), PermissionsBoundary: boundary, Tags: red})
	if err != nil {
		return err
	}
	read := func(name, path, boundary string, tags map[string]string) error {
		got, err := t.iam.GetUser(ctx, &iam.GetUserInput{UserName: aws.String(name)})
		if err != nil {
			return err
		}
		u := got.User
		bound := ""
		if u.PermissionsBoundary != nil {
			bound = aws.ToString(u.PermissionsBoundary.PermissionsBoundaryArn)
		}
		return errors.Join(
			same("arn", aws.ToString(u.Arn), "arn:aws:iam::"+t.account+":user"+path+name), same("path", aws.ToString(u.Path), path),
			same("unique_id", u.UserId, made.User.UserId), same("permissions_boundary", bound, boundary), same("tags", tagMap(u.Tags), tags))
	}
	if err := read("tf-user", "/", *boundary, map[string]string{"team": "red", "stage": "test"}); err != nil {
		return fmt.Errorf("read after create: %w", err)
	}

	name = aws.String("tf-renamed")
	_, err = t.iam.UpdateUser(ctx, &iam.UpdateUserInput{UserName: made.User.UserName, NewUserName: name, NewPath: aws.String("/moved/")})
	_, err2 := t.iam.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: name})
	_, err3 := t.iam.UntagUser(ctx, &iam.UntagUserInput{UserName: name, TagKeys: []string{"stage"}})
	_, err4 := t.iam.TagUser(ctx, &iam.TagUserInput{UserName: name, Tags: blue})
	if err := errors.Join(err, err2, err3, err4, read("tf-renamed", "/moved/", "", map[string]string{"team": "blue"})); err != nil {
		return fmt.Errorf("update: %w", err)
	}

	if err := t.emptyUser(ctx, name); err != nil {
		return fmt.Errorf("before destroy: %w", err)
	}
	if _, err := t.iam.DeleteUser(ctx, &iam.DeleteUserInput{UserName: name}); err != nil {
		return err
	}
	_, err = t.iam.GetUser(ctx, &iam.GetUserInput{UserName: name})
	return failed("read after destroy", err, some[*types.NoSuchEntityException])
}

// emptyUser asks for all that the provider takes from a user before it
// deletes one.
func (t *terraform) emptyUser(ctx context.Context, name *string) error {
	groups, err := t.iam.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: name})
	if err != nil {
		return err
	}
	keys, err := t.iam.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: name})
	if err != nil {
		return err
	}
	ssh, err := t.iam.ListSSHPublicKeys(ctx, &iam.ListSSHPublicKeysInput{UserName: name})
	if err != nil {
		return err
	}
	virtual, err := t.iam.ListVirtualMFADevices(ctx, &iam.ListVirtualMFADevicesInput{AssignmentStatus: types.AssignmentStatusTypeAssigned})
	if err != nil {
		return err
	}
	devices, err := t.iam.ListMFADevices(ctx, &iam.ListMFADevicesInput{UserName: name})
	if err != nil {
		return err
	}
	certificates, err := t.iam.ListSigningCertificates(ctx, &iam.ListSigningCertificatesInput{UserName: name})
	if err != nil {
		return err
	}
	credentials, err := t.iam.ListServiceSpecificCredentials(ctx, &iam.ListServiceSpecificCredentialsInput{UserName: name})
	if err != nil {
		return err
	}
	return same("what is left", len(groups.Groups)+len(keys.AccessKeyMetadata)+len(ssh.SSHPublicKeys)+len(virtual.VirtualMFADevices)+
		len(devices.MFADevices)+len(certificates.Certificates)+len(credentials.ServiceSpecificCredentials), 0)
}

func (t *terraform) group(ctx context.Context) error {
	made, err := t.iam.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("tf-group"), Path: aws.String("/")})
	if err != nil {
		return err
	}
	read := func(name, path string) error {
		got, err := t.iam.GetGroup(ctx, &iam.GetGroupInput{GroupName: aws.String(name)})
		if err != nil {
			return err
		}
		return errors.Join(same("arn", aws.ToString(got.Group.Arn), "arn:aws:iam::"+t.account+":group"+path+name),
			same("unique_id", got.Group.GroupId, made.Group.GroupId), same("users", len(got.Users), 0))
	}
	if err := read("tf-group", "/"); err != nil {
		return fmt.Errorf("read after create: %w", err)
	}
	_, err = t.iam.UpdateGroup(ctx, &iam.UpdateGroupInput{GroupName: aws.String("tf-group"), NewGroupName: aws.String("tf-group"), NewPath: aws.String("/moved/")})
	if err := errors.Join(err, read("tf-group", "/moved/")); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	if _, err := t.iam.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: aws.String("tf-group")}); err != nil {
		return err
	}
	_, err = t.iam.GetGroup(ctx, &iam.GetGroupInput{GroupName: aws.String("tf-group")})
	return failed("read after destroy", err, some[*types.NoSuchEntityException])
}

// policy changes a policy as the provider does: a version that is not in
// force, which then is put in force.
func (t *terraform) policy(ctx context.Context) error {
	other := `{"Statement":[{"Action":["codeartifact:Describe*","codeartifact:List*"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}`
	made, err := t.iam.CreatePolicy(ctx, &iam.CreatePolicyInput{
		PolicyName: aws.String("tf-policy"), Path: aws.String("/"), Description: aws.String(""), PolicyDocument: aws.String(policy), Tags: red,
	})
	if err != nil {
		return err
	}
	arn := made.Policy.Arn
	read := func(document, version string) error {
		got, err := t.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: arn})
		if err != nil {
			return err
		}
		v, err := t.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: got.Policy.DefaultVersionId})
		if err != nil {
			return err
		}
		return errors.Join(same("policy", plain(v.PolicyVersion.Document), document), same("version", aws.ToString(got.Policy.DefaultVersionId), version),
			same("attachment_count", aws.ToInt32(got.Policy.AttachmentCount), int32(0)), same("policy_id", got.Policy.PolicyId, made.Policy.PolicyId),
			same("description", aws.ToString(got.Policy.Description), ""), same("tags", tagMap(got.Policy.Tags), tagMap(red)))
	}
	if err := read(policy, "v1"); err != nil {
		return fmt.Errorf("read after create: %w", err)
	}

	versions, err := t.iam.ListPolicyVersions(ctx, &iam.ListPolicyVersionsInput{PolicyArn: arn})
	if err != nil || len(versions.Versions) != 1 {
		return fmt.Errorf("got the versions %v, %w", versions, err)
	}
	fresh, err := t.iam.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: aws.String(other), SetAsDefault: false})
	if err != nil {
		return err
	}
	_, err = t.iam.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{PolicyArn: arn, VersionId: fresh.PolicyVersion.VersionId})
	if err := errors.Join(err, read(other, "v2")); err != nil {
		return fmt.Errorf("update: %w", err)
	}

	if versions, err = t.iam.ListPolicyVersions(ctx, &iam.ListPolicyVersionsInput{PolicyArn: arn}); err != nil {
		return err
	}
	for _, v := range versions.Versions {
		if v.IsDefaultVersion {
			continue
		}
		if _, err := t.iam.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: v.VersionId}); err != nil {
			return err
		}
	}
	if _, err := t.iam.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: arn}); err != nil {
		return err
	}
	_, err = t.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: arn})
	return failed("read after destroy", err, some[*types.NoSuchEntityException])
}

func (t *terraform) provider(ctx context.Context) error {
	made, err := t.iam.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String("https://issuer.example/tf"), ClientIDList: []string{"sts.amazonaws.com"}, Tags: red,
	})
	if err != nil {
		return err
	}
	arn := made.OpenIDConnectProviderArn
	read := func(clients ...string) error {
		got, err := t.iam.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})
		if err != nil {
			return err
		}
		return errors.Join(same("url", aws.ToString(got.Url), "issuer.example/tf"), same("client_id_list", got.ClientIDList, clients),
			same("tags", tagMap(got.Tags), tagMap(red)))
	}
	if err := read("sts.amazonaws.com"); err != nil {
		return fmt.Errorf("read after create: %w", err)
	}
	_, err = t.iam.UpdateOpenIDConnectProviderThumbprint(ctx, &iam.UpdateOpenIDConnectProviderThumbprintInput{
		OpenIDConnectProviderArn: arn, ThumbprintList: []string{"6938fd4d98bab03faadb97b34396831e3780aea1"},
	})
	_, err2 := t.iam.AddClientIDToOpenIDConnectProvider(ctx, &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, ClientID: aws.String("other")})
	_, err3 := t.iam.RemoveClientIDFromOpenIDConnectProvider(ctx, &iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, ClientID: aws.String("sts.amazonaws.com")})
	if err := errors.Join(err, err2, err3, read("other")); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	if _, err := t.iam.DeleteOpenIDConnectProvider(ctx, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn}); err != nil {
		return err
	}
	_, err = t.iam.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})
	return failed("read after destroy", err, some[*types.NoSuchEntityException])
}
