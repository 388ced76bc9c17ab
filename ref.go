package larder

import "strings"

// An ARN is an Amazon Resource Name. Names in it are matched exactly: case,
// ':' and '/' count.
type ARN string

// The references. A name is parsed once, at the edge, and then has a type;
// the ARN methods here are the only place where ARNs of the registry's
// resources are spelled.
type (
	// DomainRef names a domain by the account that owns it.
	DomainRef struct{ Owner, Name string }

	// RepositoryRef names a repository. The account in its ARN is the owner
	// of the domain, whoever administers the repository.
	RepositoryRef struct {
		Domain DomainRef
		Name   string
	}

	// PackageGroupRef names a package group of a domain by its pattern, as
	// /npm/acme/*.
	PackageGroupRef struct {
		Domain  DomainRef
		Pattern string
	}

	// PackageRef names a package in a repository, as its format's
	// Names.Canonical spells it.
	PackageRef struct {
		Repository RepositoryRef
		Format     Format
		Namespace  string // npm scope without @, Maven group ID, Swift scope; empty where there is none
		Name       string
	}

	// VersionRef names a version of a package.
	VersionRef struct {
		Package PackageRef
		Version string
	}

	// AssetRef names a file of a version.
	AssetRef struct {
		Version VersionRef
		Name    string
	}
)

// ARN returns arn:aws:codeartifact:REGION:OWNER:domain/NAME.
func (d DomainRef) ARN(region string) ARN {
	return arn(region, d.Owner, "domain/", d.Name)
}

func (d DomainRef) String() string { return d.Owner + "/" + d.Name }

// ARN returns arn:aws:codeartifact:REGION:OWNER:repository/DOMAIN/NAME.
func (r RepositoryRef) ARN(region string) ARN {
	return arn(region, r.Domain.Owner, "repository/", r.Domain.Name, "/", r.Name)
}

func (r RepositoryRef) String() string { return r.Domain.String() + "/" + r.Name }

// ARN returns arn:aws:codeartifact:REGION:OWNER:package-group/DOMAIN/PATTERN,
// in which *, $ and % of the pattern are %2a, %24 and %25 and nothing else is
// escaped [guide]: in a policy, a * would be a wildcard.
func (g PackageGroupRef) ARN(region string) ARN {
	return arn(region, g.Domain.Owner, "package-group/", g.Domain.Name, escapePattern(g.Pattern))
}

func (g PackageGroupRef) String() string { return g.Domain.String() + " " + g.Pattern }

func escapePattern(pattern string) string {
	var b strings.Builder
	for i := range len(pattern) {
		switch c := pattern[i]; c {
		case '*':
			b.WriteString("%2a")
		case '$':
			b.WriteString("%24")
		case '%':
			b.WriteString("%25")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// unescapePattern undoes [escapePattern]. Of an escape that it would not have
// made it leaves the %.
func unescapePattern(escaped string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(escaped, "%")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		c := byte('%')
		switch {
		case strings.HasPrefix(rest, "2a"):
			c, rest = '*', rest[2:]
		case strings.HasPrefix(rest, "24"):
			c, rest = '$', rest[2:]
		case strings.HasPrefix(rest, "25"):
			rest = rest[2:]
		}
		b.WriteByte(c)
		escaped = rest
	}
}

// ARN returns
// arn:aws:codeartifact:REGION:OWNER:package/DOMAIN/REPOSITORY/FORMAT/NAMESPACE/NAME,
// the namespace's segment being empty where there is no namespace.
func (p PackageRef) ARN(region string) ARN {
	return arn(region, p.Repository.Domain.Owner, "package/", p.Repository.Domain.Name, "/",
		p.Repository.Name, "/", string(p.Format), "/", p.Namespace, "/", p.Name)
}

// String returns format/name or format/namespace/name.
func (p PackageRef) String() string {
	if p.Namespace == "" {
		return string(p.Format) + "/" + p.Name
	}
	return string(p.Format) + "/" + p.Namespace + "/" + p.Name
}

// ARN returns the package's: CodeArtifact has no ARN for a version.
func (v VersionRef) ARN(region string) ARN { return v.Package.ARN(region) }

func (v VersionRef) String() string { return v.Package.String() + " " + v.Version }

// ARN returns the package's: CodeArtifact has no ARN for an asset.
func (a AssetRef) ARN(region string) ARN { return a.Version.ARN(region) }

func (a AssetRef) String() string { return a.Version.String() + " " + a.Name }

// Parts are the pieces of a CodeArtifact ARN as far as permissions, policies
// and tags care.
type Parts struct {
	Region     string
	Kind       string        // domain, repository, package, package-group
	Repository RepositoryRef // its name is empty for a domain and a package group
	Pattern    string        // of a package group
}

// Parts takes an ARN apart, and reports false if it is not one of
// CodeArtifact's.
func (a ARN) Parts() (Parts, bool) {
	rest, ok := strings.CutPrefix(string(a), "arn:aws:codeartifact:")
	if !ok {
		return Parts{}, false
	}
	var p Parts
	p.Region, rest, _ = strings.Cut(rest, ":")
	p.Repository.Domain.Owner, rest, _ = strings.Cut(rest, ":")
	p.Kind, rest, ok = strings.Cut(rest, "/")
	p.Repository.Domain.Name, rest, _ = strings.Cut(rest, "/")
	switch p.Kind {
	case "repository":
		p.Repository.Name = rest
	case "package":
		p.Repository.Name, _, _ = strings.Cut(rest, "/")
	case "package-group":
		p.Pattern = "/" + unescapePattern(rest)
	case "domain":
		ok = ok && rest == ""
	}
	return p, ok
}

func arn(region, account string, resource ...string) ARN {
	var b strings.Builder
	n := len("arn:aws:codeartifact:::") + len(region) + len(account)
	for _, s := range resource {
		n += len(s)
	}
	b.Grow(n)
	b.WriteString("arn:aws:codeartifact:")
	b.WriteString(region)
	b.WriteByte(':')
	b.WriteString(account)
	b.WriteByte(':')
	for _, s := range resource {
		b.WriteString(s)
	}
	return ARN(b.String())
}
