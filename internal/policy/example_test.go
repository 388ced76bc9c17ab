package policy_test

import (
	"fmt"

	"larder.example/larder/internal/policy"
)

// A user may read what is tagged with its team, but not from everywhere.
func ExampleDecide() {
	p, err := policy.Parse(policy.Identity, []byte(`{
		"Version": "2012-10-17",
		"Statement": [
			{
				"Effect": "Allow",
				"Action": ["codeartifact:Read*", "codeartifact:Describe*"],
				"Resource": "arn:aws:codeartifact:*:111122223333:repository/acme/*",
				"Condition": {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
			},
			{
				"Effect": "Deny",
				"Action": "*",
				"Resource": "*",
				"Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
			}
		]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	inForce := &policy.Set{Identity: []*policy.Policy{p}, SameAccount: true}

	for _, from := range []string{"203.0.113.7", "198.51.100.7"} {
		known := policy.Values{}
		known.Set("aws:ResourceTag/team", "web")
		known.Set("aws:PrincipalTag/team", "web")
		known.Set("aws:SourceIp", from)
		d := policy.Decide(&policy.Request{
			Action:    "codeartifact:ReadFromRepository",
			Resource:  "arn:aws:codeartifact:us-east-1:111122223333:repository/acme/shared",
			Principal: policy.Principal{Account: "111122223333", ID: "AIDAALICEALICEALICE01"},
			Keys:      known,
		}, inForce)
		if d.Allowed {
			fmt.Println("may read from", from)
		} else {
			fmt.Println("may not from", from, d.Because("codeartifact:ReadFromRepository"))
		}
	}
	// Output:
	// may read from 203.0.113.7
	// may not from 198.51.100.7 with an explicit deny in an identity-based policy
}
