package identity

import (
	"context"

	"larder.example/larder/internal/meta"
)

// Summary returns how much of everything an account has, and how much it may
// have, by IAM's names. What an account can have any number of has no quota.
func (s *Service) Summary(ctx context.Context, account string) (map[string]int, error) {
	return view(ctx, s, func(ctx context.Context, tx *meta.Tx) (map[string]int, error) {
		all := map[string]int{
			"AccessKeysPerUserQuota":            keysPerUser,
			"AssumeRolePolicySizeQuota":         trustSize,
			"AttachedPoliciesPerGroupQuota":     attachedPerEntity,
			"AttachedPoliciesPerRoleQuota":      attachedPerEntity,
			"AttachedPoliciesPerUserQuota":      attachedPerEntity,
			"GroupPolicySizeQuota":              inlineSize(meta.Group),
			"GroupsPerUserQuota":                groupsPerUser,
			"PolicySizeQuota":                   managedSize,
			"RolePolicySizeQuota":               inlineSize(meta.Role),
			"UserPolicySizeQuota":               inlineSize(meta.User),
			"VersionsPerPolicyQuota":            versionsPerPolicy,
			"AccountMFAEnabled":                 0,
			"AccountPasswordPresent":            0,
			"AccountSigningCertificatesPresent": 0,
			"InstanceProfiles":                  0,
			"MFADevices":                        0,
			"MFADevicesInUse":                   0,
			"ServerCertificates":                0,
			"GlobalEndpointTokenVersion":        1,
		}
		for name, k := range map[string]Kind{"Users": meta.User, "Groups": meta.Group, "Roles": meta.Role} {
			n, err := tx.CountEntities(ctx, account, k)
			if err != nil {
				return nil, err
			}
			all[name] = n
		}
		policies, versions, err := tx.CountPolicies(ctx, account)
		if err != nil {
			return nil, err
		}
		all["Policies"], all["PolicyVersionsInUse"] = policies, versions
		providers, err := tx.Providers(ctx, account)
		if err != nil {
			return nil, err
		}
		all["Providers"] = len(providers)
		keys, err := tx.CountAccessKeys(ctx, account)
		all["AccountAccessKeysPresent"] = min(keys, 1)
		return all, err
	})
}
