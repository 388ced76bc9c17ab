package main

// name is a member that says what a call is about, and the field of Names
// that it fills. A name stands in several members for one thing.
type name struct{ member, field, kind string }

// artifactNames and iamNames are the names of the services whose inputs tell
// them.
var (
	artifactNames = [...]name{
		{"domain", "Domain", "string"},
		{"domainOwner", "DomainOwner", "string"},
		{"repository", "Repository", "string"},
		{"sourceRepository", "SourceRepository", "string"},
		{"destinationRepository", "DestinationRepository", "string"},
		{"format", "Format", "larder.Format"},
		{"namespace", "Namespace", "string"},
		{"package", "Package", "string"},
		{"packageVersion", "PackageVersion", "string"},
		{"asset", "Asset", "string"},
		{"assetName", "Asset", "string"},
		{"packageGroup", "PackageGroup", "string"},
		{"resourceArn", "ResourceArn", "string"},
	}
	iamNames = [...]name{
		{"UserName", "UserName", "string"},
		{"GroupName", "GroupName", "string"},
		{"RoleName", "RoleName", "string"},
		{"PolicyName", "PolicyName", "string"},
		{"PolicyArn", "PolicyArn", "string"},
		{"PolicySourceArn", "PolicySourceArn", "string"},
		{"OpenIDConnectProviderArn", "OpenIDConnectProviderArn", "string"},
		{"Url", "Url", "string"},
		{"AccessKeyId", "AccessKeyId", "string"},
		{"Path", "Path", "string"},
		{"PathPrefix", "PathPrefix", "string"},
		{"NewPath", "NewPath", "string"},
		{"NewUserName", "NewName", "string"},
		{"NewGroupName", "NewName", "string"},
		{"PermissionsBoundary", "PermissionsBoundary", "string"},
		{"Tags", "Tags", "[]Tag"},
		{"TagKeys", "TagKeys", "[]string"},
	}
)

func (m *model) names() []name {
	switch m.service() {
	case "codeartifact":
		return artifactNames[:]
	case "iam":
		return iamNames[:]
	}
	return nil
}

// writeNames writes the Names of every input.
func (g *types) writeNames(named []name) {
	g.printf("// Names are the names in an input that say what the call is about: what it is\n// authorized on. What an input does not have is empty.\ntype Names struct {\n")
	for i, n := range named {
		if i > 0 && n.field == named[i-1].field {
			continue
		}
		g.printf("\t%s %s\n", n.field, n.kind)
	}
	g.printf("}\n")
	for _, op := range g.Operations {
		fields := ""
		for _, n := range named {
			for i := range op.Input {
				if op.Input[i].Name == n.member {
					fields += n.field + ": in." + op.Input[i].goName() + ", "
				}
			}
		}
		receiver := "in *"
		if fields == "" {
			receiver = "*"
		}
		g.printf("\n// Names returns what a call of [%[1]s] is about.\nfunc (%[2]s%[1]sInput) Names() Names { return Names{%[3]s} }\n", op.Name, receiver, fields)
	}
}
