package main

// named are the members that say what a call is about, and the fields of
// Names that they fill. A name stands in several members for one thing.
var named = [...]struct{ member, field string }{
	{"domain", "Domain"},
	{"domainOwner", "DomainOwner"},
	{"repository", "Repository"},
	{"sourceRepository", "SourceRepository"},
	{"destinationRepository", "DestinationRepository"},
	{"format", "Format"},
	{"namespace", "Namespace"},
	{"package", "Package"},
	{"packageVersion", "PackageVersion"},
	{"asset", "Asset"},
	{"assetName", "Asset"},
	{"packageGroup", "PackageGroup"},
	{"resourceArn", "ResourceArn"},
}

// named reports whether inputs of the model say what they are about in a way
// that those of CodeArtifact do.
func (m *model) named() bool {
	for i := range m.Operations {
		for j := range m.Operations[i].Input {
			if m.Operations[i].Input[j].Name == "domain" {
				return true
			}
		}
	}
	return false
}

// names writes the Names of every input.
func (g *types) names() {
	g.printf("// Names are the names in an input that say what the call is about: what it is\n// authorized on. What an input does not have is empty.\ntype Names struct {\n")
	for i, n := range named {
		if i > 0 && n.field == named[i-1].field {
			continue
		}
		t := "string"
		if n.field == "Format" {
			t = "larder.Format"
		}
		g.printf("\t%s %s\n", n.field, t)
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
