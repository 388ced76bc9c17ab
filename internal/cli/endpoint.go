package cli

import "strings"

// partition is a part of AWS with names of its own. Source: botocore's
// partitions and endpoint rules.
type partition struct {
	prefix            string // of its regions
	suffix, dualStack string
	iam               string // the host of IAM, which has one in each
}

var partitions = [...]partition{
	{"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "iam.cn-north-1.amazonaws.com.cn"},
	{"us-gov-", "amazonaws.com", "api.aws", "iam.us-gov.amazonaws.com"},
	{"us-iso-", "c2s.ic.gov", "c2s.ic.gov", "iam.us-iso-east-1.c2s.ic.gov"},
	{"us-isob-", "sc2s.sgov.gov", "sc2s.sgov.gov", "iam.us-isob-east-1.sc2s.sgov.gov"},
	{"", "amazonaws.com", "api.aws", "iam.amazonaws.com"},
}

// awsEndpoint returns where AWS has a service; empty if it has none such.
func awsEndpoint(service, region string, fips, dualStack bool) string {
	if service == ours {
		return ""
	}
	var p partition
	for _, p = range partitions {
		if strings.HasPrefix(region, p.prefix) {
			break
		}
	}
	if service == "iam" {
		return "https://" + p.iam
	}
	if fips {
		service += "-fips"
	}
	suffix := p.suffix
	if dualStack {
		suffix = p.dualStack
	}
	return "https://" + service + "." + region + "." + suffix
}

// iamRegion returns the region that requests to IAM's own address are signed
// for: the first of the partition.
func iamRegion(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "cn-north-1"
	case strings.HasPrefix(region, "us-gov-"):
		return "us-gov-west-1"
	case strings.HasPrefix(region, "us-isob-"):
		return "us-isob-east-1"
	case strings.HasPrefix(region, "us-iso-"):
		return "us-iso-east-1"
	default:
		return "us-east-1"
	}
}
