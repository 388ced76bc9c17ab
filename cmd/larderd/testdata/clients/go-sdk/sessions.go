package main

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/codeartifact"
	artifacttypes "github.com/aws/aws-sdk-go-v2/service/codeartifact/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// narrow is a session policy.
const narrow = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["codeartifact:Get*","sts:GetServiceBearerToken"],"Resource":"*"}}`

// sessions makes a role, which the SDK assumes by itself.
func sessions(ctx context.Context, c aws.Config) error {
	i, s := iam.NewFromConfig(c), sts.NewFromConfig(c)
	who, err := s.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return err
	}
	name := aws.String("builds")
	made, err := i.CreateRole(ctx, &iam.CreateRoleInput{RoleName: name, Path: aws.String("/ci/"), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + *who.Account + `"},"Action":"sts:AssumeRole"}}`)})
	if err != nil {
		return err
	}
	if _, err := i.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String("arn:aws:iam::aws:policy/AWSCodeArtifactAdminAccess")}); err != nil {
		return err
	}
	role := made.Role.Arn
	if err := session(ctx, c, s, *role); err != nil {
		return err
	}
	_, err = s.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: role, RoleSessionName: aws.String("two"), Policy: aws.String("{}")})
	if err := failed("a session policy that is none", err, some[*ststypes.MalformedPolicyDocumentException]); err != nil {
		return err
	}
	_, err = i.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name})
	if err := failed("deleting a role with a policy", err, some[*iamtypes.DeleteConflictException]); err != nil {
		return err
	}
	return simulated(ctx, i, role)
}

// session tries a session that is narrowed. Its token ends with it.
func session(ctx context.Context, c aws.Config, s *sts.Client, role string) error {
	c.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(s, role, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName, o.Duration, o.Policy = "one", 15*time.Minute, aws.String(narrow)
	}))
	who, err := sts.NewFromConfig(c).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return err
	}
	if !strings.HasSuffix(*who.Arn, ":assumed-role/builds/one") {
		return fmt.Errorf("got the caller %s", *who.Arn)
	}
	artifacts := codeartifact.NewFromConfig(c)
	token, err := artifacts.GetAuthorizationToken(ctx, &codeartifact.GetAuthorizationTokenInput{Domain: aws.String("team"), DurationSeconds: aws.Int64(0)})
	if err != nil {
		return err
	}
	key, err := c.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	if apart := token.Expiration.Sub(key.Expires).Abs(); apart > time.Second {
		return fmt.Errorf("the token ends %s apart from its session", apart)
	}
	_, err = artifacts.DescribeDomain(ctx, &codeartifact.DescribeDomainInput{Domain: aws.String("team")})
	return failed("what the session was not narrowed to", err, func(e *artifacttypes.AccessDeniedException) bool {
		return strings.Contains(e.ErrorMessage(), "because no session policy allows")
	})
}

// simulated walks through the simulator's pages.
func simulated(ctx context.Context, i *iam.Client, role *string) error {
	var got []string
	p := iam.NewSimulatePrincipalPolicyPaginator(i, &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: role, ActionNames: []string{"codeartifact:ListDomains", "iam:CreateUser"}, MaxItems: aws.Int32(1),
	})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, r := range page.EvaluationResults {
			got = append(got, string(r.EvalDecision))
		}
	}
	if want := []string{"allowed", "implicitDeny"}; !reflect.DeepEqual(got, want) {
		return fmt.Errorf("got the decisions %v, want %v", got, want)
	}
	return nil
}
