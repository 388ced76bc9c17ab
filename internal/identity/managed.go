package identity

import (
	"strings"

	"larder.example/larder"
)

// awsPolicies is what the ARNs of AWS's managed policies begin with.
const awsPolicies = "arn:aws:iam::aws:policy/"

// managed holds AWS's managed policies that mean something here. Their
// documents grant what AWS's do, for the services that we have.
var managed = [...]struct{ name, document string }{
	{"AdministratorAccess", `{
		"Version": "2012-10-17",
		"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`},
	{"AWSCodeArtifactAdminAccess", `{
		"Version": "2012-10-17",
		"Statement": [
			{"Effect": "Allow", "Action": "codeartifact:*", "Resource": "*"},
			{"Effect": "Allow", "Action": "sts:GetServiceBearerToken", "Resource": "*",
			 "Condition": {"StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}}}]}`},
	{"AWSCodeArtifactReadOnlyAccess", `{
		"Version": "2012-10-17",
		"Statement": [
			{"Effect": "Allow", "Resource": "*", "Action": [
				"codeartifact:Describe*", "codeartifact:Get*", "codeartifact:List*", "codeartifact:ReadFromRepository"]},
			{"Effect": "Allow", "Action": "sts:GetServiceBearerToken", "Resource": "*",
			 "Condition": {"StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}}}]}`},
	{"IAMFullAccess", `{
		"Version": "2012-10-17",
		"Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}`},
	{"IAMReadOnlyAccess", `{
		"Version": "2012-10-17",
		"Statement": [{"Effect": "Allow", "Resource": "*", "Action": [
			"iam:GenerateCredentialReport", "iam:GenerateServiceLastAccessedDetails", "iam:Get*", "iam:List*",
			"iam:SimulateCustomPolicy", "iam:SimulatePrincipalPolicy"]}]}`},
}

// managedDocument returns the document of a managed policy, and false if
// there is none of that ARN.
func managedDocument(arn string) (string, bool) {
	name, ok := strings.CutPrefix(arn, awsPolicies)
	if !ok {
		return "", false
	}
	for _, p := range managed {
		if p.name == name {
			return p.document, true
		}
	}
	return "", false
}

// checkPolicyARN refuses what is no ARN of a managed policy, ours or an
// account's own.
func checkPolicyARN(arn string) error {
	rest, _ := strings.CutPrefix(arn, "arn:aws:iam::")
	owner, name, ok := strings.Cut(rest, ":policy/")
	if !ok || name == "" || owner != "aws" && !isAccount(owner) {
		return fault(larder.Invalid, codeInvalidInput, "ARN %s is not valid.", arn)
	}
	return nil
}

// policyName returns the name in the ARN of a managed policy.
func policyName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
