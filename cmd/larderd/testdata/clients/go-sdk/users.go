package main

import (
	"context"
	"fmt"
	"net/url"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/codeartifact"
	artifacttypes "github.com/aws/aws-sdk-go-v2/service/codeartifact/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const policy = `{
	"Version": "2012-10-17",
	"Statement": [{"Effect": "Allow", "Action": "codeartifact:ListDomains", "Resource": "*"}]
}`

// users takes a user through life.
func users(ctx context.Context, c aws.Config) error {
	i := iam.NewFromConfig(c)
	erin := aws.String("erin")
	user, err := i.CreateUser(ctx, &iam.CreateUserInput{UserName: erin, Path: aws.String("/web/")})
	if err != nil {
		return err
	}
	_, err = i.CreateUser(ctx, &iam.CreateUserInput{UserName: erin})
	if err := failed("a user made twice", err, some[*types.EntityAlreadyExistsException]); err != nil {
		return err
	}
	if _, err := i.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: erin, PolicyName: aws.String("lists"), PolicyDocument: aws.String(policy)}); err != nil {
		return err
	}
	got, err := i.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: erin, PolicyName: aws.String("lists")})
	if err != nil {
		return err
	}
	text, err := url.PathUnescape(aws.ToString(got.PolicyDocument))
	if err != nil {
		return err
	}
	if text != policy {
		return fmt.Errorf("got the policy %s, want %s", text, policy)
	}
	key, err := i.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: erin})
	if err != nil {
		return err
	}
	if err := works(ctx, c, key.AccessKey, aws.ToString(user.User.Arn)); err != nil {
		return err
	}
	if err := listed(ctx, i); err != nil {
		return err
	}
	_, err = i.DeleteUser(ctx, &iam.DeleteUserInput{UserName: erin})
	if err := failed("deleting a user with a key", err, some[*types.DeleteConflictException]); err != nil {
		return err
	}
	if _, err := i.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: erin, AccessKeyId: key.AccessKey.AccessKeyId}); err != nil {
		return err
	}
	if _, err := i.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: erin, PolicyName: aws.String("lists")}); err != nil {
		return err
	}
	if _, err := i.DeleteUser(ctx, &iam.DeleteUserInput{UserName: erin}); err != nil {
		return err
	}
	_, err = i.GetUser(ctx, &iam.GetUserInput{UserName: erin})
	return failed("a user who has gone", err, some[*types.NoSuchEntityException])
}

// works tries what the user's key may do, and what not.
func works(ctx context.Context, c aws.Config, key *types.AccessKey, arn string) error {
	c.Credentials = credentials.NewStaticCredentialsProvider(aws.ToString(key.AccessKeyId), aws.ToString(key.SecretAccessKey), "")
	who, err := sts.NewFromConfig(c).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return err
	}
	if got := aws.ToString(who.Arn); got != arn {
		return fmt.Errorf("got the caller %s, want %s", got, arn)
	}
	artifacts := codeartifact.NewFromConfig(c)
	if _, err := artifacts.ListDomains(ctx, &codeartifact.ListDomainsInput{}); err != nil {
		return err
	}
	_, err = artifacts.CreateDomain(ctx, &codeartifact.CreateDomainInput{Domain: aws.String("mine")})
	return failed("what the user may not do", err, some[*artifacttypes.AccessDeniedException])
}

func listed(ctx context.Context, i *iam.Client) error {
	var got []string
	p := iam.NewListUsersPaginator(i, &iam.ListUsersInput{MaxItems: aws.Int32(1)})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, u := range page.Users {
			got = append(got, aws.ToString(u.UserName))
		}
	}
	if want := []string{"erin", "quickstart"}; !reflect.DeepEqual(got, want) {
		return fmt.Errorf("got the users %v, want %v", got, want)
	}
	return nil
}
