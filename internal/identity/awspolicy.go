package identity

import (
	"strings"
	"time"
)

const (
	awsAccount  = "aws" // in the ARNs of AWS's managed policies, which begin
	awsPolicies = "arn:aws:iam::" + awsAccount + ":policy/"
)

// managed holds AWS's managed policies that mean something here, by name.
// Their documents grant what AWS's do, for the services that we have; their
// IDs are ours.
var managed = [...]struct{ name, id, document string }{
	{"AdministratorAccess", "ANPALARDERADMINISTRAT", `{
		"Version": "2012-10-17",
		"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`},
	{"AWSCodeArtifactAdminAccess", "ANPALARDERCODEARTADMN", `{
		"Version": "2012-10-17",
		"Statement": [
			{"Effect": "Allow", "Action": "codeartifact:*", "Resource": "*"},
			{"Effect": "Allow", "Action": "sts:GetServiceBearerToken", "Resource": "*",
			 "Condition": {"StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}}}]}`},
	{"AWSCodeArtifactReadOnlyAccess", "ANPALARDERCODEARTREAD", `{
		"Version": "2012-10-17",
		"Statement": [
			{"Effect": "Allow", "Resource": "*", "Action": [
				"codeartifact:Describe*", "codeartifact:Get*", "codeartifact:List*", "codeartifact:ReadFromRepository"]},
			{"Effect": "Allow", "Action": "sts:GetServiceBearerToken", "Resource": "*",
			 "Condition": {"StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}}}]}`},
	{"IAMFullAccess", "ANPALARDERIAMFULLACCS", `{
		"Version": "2012-10-17",
		"Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}`},
	{"IAMReadOnlyAccess", "ANPALARDERIAMREADONLY", `{
		"Version": "2012-10-17",
		"Statement": [{"Effect": "Allow", "Resource": "*", "Action": [
			"iam:GenerateCredentialReport", "iam:GenerateServiceLastAccessedDetails", "iam:Get*", "iam:List*",
			"iam:SimulateCustomPolicy", "iam:SimulatePrincipalPolicy"]}]}`},
}

// managedDocument returns the document of a policy of AWS's, and false if
// there is none of that ARN.
func managedDocument(arn string) (string, bool) {
	p, ok := awsPolicy(arn)
	return p.document, ok
}

func awsPolicy(arn string) (p struct{ name, id, document string }, ok bool) {
	name, ok := strings.CutPrefix(arn, awsPolicies)
	if !ok {
		return p, false
	}
	for _, p := range managed {
		if p.name == name {
			return p, true
		}
	}
	return p, false
}

// awsPolicyDate is when AWS's policies were made, as far as anybody here is
// told: CodeArtifact's were, about then.
func awsPolicyDate() time.Time { return time.Date(2020, time.June, 10, 0, 0, 0, 0, time.UTC) }
