package iam

import (
	"context"
	"time"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/keyring"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/wire"
)

// Plane answers IAM's operations, each for the account of its caller.
type Plane struct {
	Identity *identity.Service
	Keys     *keyring.Ring    // seals markers
	Now      func() time.Time // nil is time.Now
}

func (p *Plane) now() time.Time {
	if p.Now == nil {
		return time.Now()
	}
	return p.Now()
}

// Mount makes the operations answer on m. The third column is what the caller
// must be allowed.
func (p *Plane) Mount(m *wire.Mux) {
	p.mountUsers(m)
	p.mountGroups(m)
	p.mountRoles(m)
	p.mountPolicies(m)
	p.mountAccount(m)
	p.mountSimulator(m)
}

func (p *Plane) mountUsers(m *wire.Mux) {
	serve(p, m, iam.CreateUser, fresh(meta.User), p.createUser)
	serve(p, m, iam.GetUser, existing(meta.User), p.getUser)
	serve(p, m, iam.ListUsers, listing("user"), p.listUsers)
	serve(p, m, iam.UpdateUser, moved(meta.User), p.updateUser)
	serve(p, m, iam.DeleteUser, existing(meta.User), p.deleteUser)
	serve(p, m, iam.TagUser, existing(meta.User), p.tagUser)
	serve(p, m, iam.UntagUser, existing(meta.User), p.untagUser)
	serve(p, m, iam.ListUserTags, existing(meta.User), p.listUserTags)
	serve(p, m, iam.PutUserPermissionsBoundary, existing(meta.User), p.putUserPermissionsBoundary)
	serve(p, m, iam.DeleteUserPermissionsBoundary, existing(meta.User), p.deleteUserPermissionsBoundary)

	serve(p, m, iam.CreateAccessKey, existing(meta.User), p.createAccessKey)
	serve(p, m, iam.ListAccessKeys, existing(meta.User), p.listAccessKeys)
	serve(p, m, iam.UpdateAccessKey, existing(meta.User), p.updateAccessKey)
	serve(p, m, iam.DeleteAccessKey, existing(meta.User), p.deleteAccessKey)
	serve(p, m, iam.GetAccessKeyLastUsed, keyOwner, p.getAccessKeyLastUsed)

	serve(p, m, iam.PutUserPolicy, existing(meta.User), p.putUserPolicy)
	serve(p, m, iam.GetUserPolicy, existing(meta.User), p.getUserPolicy)
	serve(p, m, iam.ListUserPolicies, existing(meta.User), p.listUserPolicies)
	serve(p, m, iam.DeleteUserPolicy, existing(meta.User), p.deleteUserPolicy)
	serve(p, m, iam.AttachUserPolicy, existing(meta.User), p.attachUserPolicy)
	serve(p, m, iam.DetachUserPolicy, existing(meta.User), p.detachUserPolicy)
	serve(p, m, iam.ListAttachedUserPolicies, existing(meta.User), p.listAttachedUserPolicies)

	serve(p, m, iam.ListMFADevices, existing(meta.User), p.listMFADevices)
	serve(p, m, iam.ListVirtualMFADevices, listing("mfa"), p.listVirtualMFADevices)
	serve(p, m, iam.ListSSHPublicKeys, existing(meta.User), p.listSSHPublicKeys)
	serve(p, m, iam.ListSigningCertificates, existing(meta.User), p.listSigningCertificates)
	serve(p, m, iam.ListServiceSpecificCredentials, existing(meta.User), p.listServiceSpecificCredentials)
	serve(p, m, iam.GetLoginProfile, existing(meta.User), p.getLoginProfile)
}

func (p *Plane) mountGroups(m *wire.Mux) {
	serve(p, m, iam.CreateGroup, fresh(meta.Group), p.createGroup)
	serve(p, m, iam.GetGroup, existing(meta.Group), p.getGroup)
	serve(p, m, iam.ListGroups, listing("group"), p.listGroups)
	serve(p, m, iam.UpdateGroup, moved(meta.Group), p.updateGroup)
	serve(p, m, iam.DeleteGroup, existing(meta.Group), p.deleteGroup)
	serve(p, m, iam.AddUserToGroup, existing(meta.Group), p.addUserToGroup)
	serve(p, m, iam.RemoveUserFromGroup, existing(meta.Group), p.removeUserFromGroup)
	serve(p, m, iam.ListGroupsForUser, existing(meta.User), p.listGroupsForUser)

	serve(p, m, iam.PutGroupPolicy, existing(meta.Group), p.putGroupPolicy)
	serve(p, m, iam.GetGroupPolicy, existing(meta.Group), p.getGroupPolicy)
	serve(p, m, iam.ListGroupPolicies, existing(meta.Group), p.listGroupPolicies)
	serve(p, m, iam.DeleteGroupPolicy, existing(meta.Group), p.deleteGroupPolicy)
	serve(p, m, iam.AttachGroupPolicy, existing(meta.Group), p.attachGroupPolicy)
	serve(p, m, iam.DetachGroupPolicy, existing(meta.Group), p.detachGroupPolicy)
	serve(p, m, iam.ListAttachedGroupPolicies, existing(meta.Group), p.listAttachedGroupPolicies)
}

func (p *Plane) mountRoles(m *wire.Mux) {
	serve(p, m, iam.CreateRole, fresh(meta.Role), p.createRole)
	serve(p, m, iam.GetRole, existing(meta.Role), p.getRole)
	serve(p, m, iam.ListRoles, listing("role"), p.listRoles)
	serve(p, m, iam.UpdateRole, existing(meta.Role), p.updateRole)
	serve(p, m, iam.UpdateRoleDescription, existing(meta.Role), p.updateRoleDescription)
	serve(p, m, iam.UpdateAssumeRolePolicy, existing(meta.Role), p.updateAssumeRolePolicy)
	serve(p, m, iam.DeleteRole, existing(meta.Role), p.deleteRole)
	serve(p, m, iam.TagRole, existing(meta.Role), p.tagRole)
	serve(p, m, iam.UntagRole, existing(meta.Role), p.untagRole)
	serve(p, m, iam.ListRoleTags, existing(meta.Role), p.listRoleTags)
	serve(p, m, iam.PutRolePermissionsBoundary, existing(meta.Role), p.putRolePermissionsBoundary)
	serve(p, m, iam.DeleteRolePermissionsBoundary, existing(meta.Role), p.deleteRolePermissionsBoundary)
	serve(p, m, iam.ListInstanceProfilesForRole, existing(meta.Role), p.listInstanceProfilesForRole)

	serve(p, m, iam.PutRolePolicy, existing(meta.Role), p.putRolePolicy)
	serve(p, m, iam.GetRolePolicy, existing(meta.Role), p.getRolePolicy)
	serve(p, m, iam.ListRolePolicies, existing(meta.Role), p.listRolePolicies)
	serve(p, m, iam.DeleteRolePolicy, existing(meta.Role), p.deleteRolePolicy)
	serve(p, m, iam.AttachRolePolicy, existing(meta.Role), p.attachRolePolicy)
	serve(p, m, iam.DetachRolePolicy, existing(meta.Role), p.detachRolePolicy)
	serve(p, m, iam.ListAttachedRolePolicies, existing(meta.Role), p.listAttachedRolePolicies)
}

func (p *Plane) mountPolicies(m *wire.Mux) {
	serve(p, m, iam.CreatePolicy, newPolicy, p.createPolicy)
	serve(p, m, iam.GetPolicy, managedPolicy, p.getPolicy)
	serve(p, m, iam.ListPolicies, listing("policy"), p.listPolicies)
	serve(p, m, iam.DeletePolicy, managedPolicy, p.deletePolicy)
	serve(p, m, iam.TagPolicy, managedPolicy, p.tagPolicy)
	serve(p, m, iam.UntagPolicy, managedPolicy, p.untagPolicy)
	serve(p, m, iam.ListPolicyTags, managedPolicy, p.listPolicyTags)
	serve(p, m, iam.CreatePolicyVersion, managedPolicy, p.createPolicyVersion)
	serve(p, m, iam.GetPolicyVersion, managedPolicy, p.getPolicyVersion)
	serve(p, m, iam.ListPolicyVersions, managedPolicy, p.listPolicyVersions)
	serve(p, m, iam.SetDefaultPolicyVersion, managedPolicy, p.setDefaultPolicyVersion)
	serve(p, m, iam.DeletePolicyVersion, managedPolicy, p.deletePolicyVersion)
	serve(p, m, iam.ListEntitiesForPolicy, managedPolicy, p.listEntitiesForPolicy)
}

func (p *Plane) mountAccount(m *wire.Mux) {
	serve(p, m, iam.CreateOpenIDConnectProvider, newProvider, p.createOpenIDConnectProvider)
	serve(p, m, iam.GetOpenIDConnectProvider, provider, p.getOpenIDConnectProvider)
	serve(p, m, iam.ListOpenIDConnectProviders, listing("oidc-provider"), p.listOpenIDConnectProviders)
	serve(p, m, iam.DeleteOpenIDConnectProvider, provider, p.deleteOpenIDConnectProvider)
	serve(p, m, iam.AddClientIDToOpenIDConnectProvider, provider, p.addClientIDToOpenIDConnectProvider)
	serve(p, m, iam.RemoveClientIDFromOpenIDConnectProvider, provider, p.removeClientIDFromOpenIDConnectProvider)
	serve(p, m, iam.UpdateOpenIDConnectProviderThumbprint, provider, p.updateOpenIDConnectProviderThumbprint)
	serve(p, m, iam.TagOpenIDConnectProvider, provider, p.tagOpenIDConnectProvider)
	serve(p, m, iam.UntagOpenIDConnectProvider, provider, p.untagOpenIDConnectProvider)
	serve(p, m, iam.ListOpenIDConnectProviderTags, provider, p.listOpenIDConnectProviderTags)

	serve(p, m, iam.CreateAccountAlias, account, p.createAccountAlias)
	serve(p, m, iam.ListAccountAliases, account, p.listAccountAliases)
	serve(p, m, iam.DeleteAccountAlias, account, p.deleteAccountAlias)
	serve(p, m, iam.GetAccountSummary, account, p.getAccountSummary)
	serve(p, m, iam.GetAccountAuthorizationDetails, account, p.getAccountAuthorizationDetails)
}

func (p *Plane) mountSimulator(m *wire.Mux) {
	serve(p, m, iam.SimulatePrincipalPolicy, policySource, p.simulatePrincipalPolicy)
	serve(p, m, iam.SimulateCustomPolicy, account, p.simulateCustomPolicy)
	serve(p, m, iam.GetContextKeysForPrincipalPolicy, policySource, p.getContextKeysForPrincipalPolicy)
}

// serve makes do answer op once every question that ask makes of an input is
// answered with yes.
func serve[In, Out any, Named interface {
	*In
	Names() iam.Names
}](p *Plane, m *wire.Mux, op wire.Op[In, Out], ask ask, do func(context.Context, *In) (*Out, error)) {
	wire.Handle(m, op, func(ctx context.Context, in *In) (*Out, error) {
		questions, err := ask(p, ctx, op.Action(), Named(in).Names())
		if err != nil {
			return nil, err
		}
		for _, q := range questions {
			if err := p.Identity.Authorize(ctx, q); err != nil {
				return nil, err
			}
		}
		return do(ctx, in)
	})
}
