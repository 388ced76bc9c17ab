package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

const readOnly = "arn:aws:iam::aws:policy/AWSCodeArtifactReadOnlyAccess"

func (t *terraform) role(ctx context.Context) error {
	name := aws.String("tf-role")
	trust := func(action string) string {
		return `{"Statement":[{"Action":"` + action + `","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + t.account + `:root"}}],"Version":"2012-10-17"}`
	}
	if _, err := t.iam.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: name, Path: aws.String("/"), AssumeRolePolicyDocument: aws.String(trust("sts:AssumeRole")),
		Description: aws.String("made by Terraform"), MaxSessionDuration: aws.Int32(3600), Tags: red,
	}); err != nil {
		return err
	}
	if err := t.readRole(ctx, trust("sts:AssumeRole"), "made by Terraform", 3600, nil, nil); err != nil {
		return fmt.Errorf("read after create: %w", err)
	}

	_, err := t.iam.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: aws.String(trust("sts:TagSession"))})
	_, err2 := t.iam.UpdateRoleDescription(ctx, &iam.UpdateRoleDescriptionInput{RoleName: name, Description: aws.String("")})
	_, err3 := t.iam.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: name, MaxSessionDuration: aws.Int32(7200)})
	_, err4 := t.iam.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: name, PermissionsBoundary: aws.String(readOnly)})
	_, err5 := t.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("inline"), PolicyDocument: aws.String(policy)})
	_, err6 := t.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String(readOnly)})
	if err := errors.Join(err, err2, err3, err4, err5, err6,
		t.readRole(ctx, trust("sts:TagSession"), "", 7200, []string{"inline"}, []string{readOnly})); err != nil {
		return fmt.Errorf("update: %w", err)
	}

	profiles, err := t.iam.ListInstanceProfilesForRole(ctx, &iam.ListInstanceProfilesForRoleInput{RoleName: name})
	if err != nil || len(profiles.InstanceProfiles) > 0 {
		return fmt.Errorf("got the instance profiles %v, %w", profiles, err)
	}
	_, err = t.iam.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: aws.String(readOnly)})
	_, err2 = t.iam.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("inline")})
	_, err3 = t.iam.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name})
	if err := errors.Join(err, err2, err3); err != nil {
		return fmt.Errorf("destroy: %w", err)
	}
	_, err = t.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: name})
	return failed("read after destroy", err, some[*types.NoSuchEntityException])
}

// readRole reads a role and, as the provider does each time, what it has.
func (t *terraform) readRole(ctx context.Context, trust, description string, seconds int32, inline, attached []string) error {
	name := aws.String("tf-role")
	got, err := t.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: name})
	if err != nil {
		return err
	}
	policies, err := t.iam.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: name})
	if err != nil {
		return err
	}
	for _, p := range policies.PolicyNames {
		one, err := t.iam.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: name, PolicyName: aws.String(p)})
		if err := errors.Join(err, same("inline_policy", plain(one.PolicyDocument), policy)); err != nil {
			return err
		}
	}
	managed, err := t.iam.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: name})
	if err != nil {
		return err
	}
	var arns []string
	for _, a := range managed.AttachedPolicies {
		arns = append(arns, aws.ToString(a.PolicyArn))
	}
	r := got.Role
	return errors.Join(
		same("arn", aws.ToString(r.Arn), "arn:aws:iam::"+t.account+":role/tf-role"), same("assume_role_policy", plain(r.AssumeRolePolicyDocument), trust),
		same("description", aws.ToString(r.Description), description), same("max_session_duration", aws.ToInt32(r.MaxSessionDuration), seconds),
		same("inline_policy", append([]string(nil), policies.PolicyNames...), inline), same("managed_policy_arns", arns, attached),
		same("tags", tagMap(r.Tags), tagMap(red)))
}
