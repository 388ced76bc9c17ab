package iam_test

import (
	"net/http"
	"strings"
	"testing"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

// Terraform and scripts ask for what IAM's users have before they delete one.
func TestNobodyHasWhatThereIsNot(t *testing.T) {
	e := testenv.New(t)
	alice := e.User("alice", allow("iam:*"))
	testenv.OK(t, e.Admin, iam.CreateRole, &iam.CreateRoleInput{RoleName: "deploy", AssumeRolePolicyDocument: trusts(e.Account)})
	for action, name := range map[string]string{
		"ListMFADevices": "MFADevices", "ListSSHPublicKeys": "SSHPublicKeys", "ListSigningCertificates": "Certificates",
		"ListServiceSpecificCredentials": "ServiceSpecificCredentials", "ListVirtualMFADevices": "VirtualMFADevices",
	} {
		for who, c := range map[string]*client.Client{"named": e.Admin, "the caller": alice, "root": e.Root(e.NewAccount())} {
			var pairs []string
			if who == "named" && action != "ListVirtualMFADevices" {
				pairs = []string{"UserName", "alice"}
			}
			a := form(e, c, action, pairs...)
			if a.Status != http.StatusOK || !strings.Contains(a.Body, "<"+name+"/>") || !strings.Contains(a.Body, "<IsTruncated>false</IsTruncated>") {
				t.Errorf("%s of %s: got %d %s", action, who, a.Status, a.Body)
			}
		}
	}
	if a := form(e, e.Admin, "ListInstanceProfilesForRole", "RoleName", "deploy"); a.Status != http.StatusOK || !strings.Contains(a.Body, "<InstanceProfiles/>") {
		t.Errorf("got %d %s", a.Status, a.Body)
	}
	if a := form(e, e.Admin, "ListServiceSpecificCredentials", "AllUsers", "true"); a.Status != http.StatusOK {
		t.Errorf("got %d %s", a.Status, a.Body)
	}
	for _, c := range []*client.Client{e.Admin, alice} {
		in := &iam.GetLoginProfileInput{UserName: "alice"}
		if c == alice {
			in.UserName = ""
		}
		_, err := client.Call(t.Context(), c, iam.GetLoginProfile, in)
		wantRefusal(t, "login profile", err, "NoSuchEntity", 404, "Login Profile for User alice cannot be found.")
	}
}
