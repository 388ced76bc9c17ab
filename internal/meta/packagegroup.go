package meta

import (
	"context"
	"database/sql"
	"time"

	"larder.example/larder"
)

// Restriction is a way by which versions of a package enter a repository.
type Restriction string

// The restrictions of package groups.
const (
	Publish          Restriction = "PUBLISH"
	InternalUpstream Restriction = "INTERNAL_UPSTREAM" // the repository is the one that retains
	ExternalUpstream Restriction = "EXTERNAL_UPSTREAM" // the repository is the one with the connection
)

// Restrictions are all of them.
var Restrictions = [...]Restriction{Publish, InternalUpstream, ExternalUpstream}

// Mode says of a restriction whether it is in force.
type Mode string

// The modes of restrictions.
const (
	Allow         Mode = "ALLOW"
	AllowSpecific Mode = "ALLOW_SPECIFIC_REPOSITORIES"
	Block         Mode = "BLOCK"
	Inherit       Mode = "INHERIT" // what the parent has; the root group's never
)

// PackageGroup is a package group of a domain.
type PackageGroup struct {
	Domain                   int64
	Ref                      larder.PackageGroupRef
	Folded                   string // the pattern as packagegroup.Pattern.Folded has it
	ContactInfo, Description string
	CreatedAt                time.Time
	Modes                    map[Restriction]Mode // of every restriction
}

const packageGroupColumns = `pattern, folded, contact_info, description, created_ms, publish, internal_upstream, external_upstream`

// packageGroups returns the groups of a domain that a query finds.
func packageGroups(ctx context.Context, tx *Tx, d Domain, query string, args ...any) ([]PackageGroup, error) {
	return collect(ctx, tx, func(r *sql.Rows) (g PackageGroup, err error) {
		var created int64
		var publish, internal, external Mode
		g.Domain, g.Ref.Domain = d.ID, d.Ref
		err = r.Scan(&g.Ref.Pattern, &g.Folded, &g.ContactInfo, &g.Description, &created, &publish, &internal, &external)
		g.CreatedAt = moment(created)
		g.Modes = map[Restriction]Mode{Publish: publish, InternalUpstream: internal, ExternalUpstream: external}
		return g, err
	}, query, args...)
}

// InsertPackageGroup makes a package group; larder.Conflict if the domain has
// one of that pattern.
func (tx *Tx) InsertPackageGroup(ctx context.Context, g PackageGroup) error {
	n, err := tx.exec(ctx, `
		INSERT INTO package_groups (domain, `+packageGroupColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (domain, pattern) DO NOTHING`,
		g.Domain, g.Ref.Pattern, g.Folded, g.ContactInfo, g.Description, millis(g.CreatedAt),
		g.Modes[Publish], g.Modes[InternalUpstream], g.Modes[ExternalUpstream])
	if err == nil && n == 0 {
		return &larder.Error{
			Kind: larder.Conflict, ID: g.Ref.Pattern,
			Message: "Package group already exists. Package group '" + g.Ref.Pattern + "' already exists in domain '" + g.Ref.Domain.Name + "'.",
		}
	}
	return err
}

// PackageGroup returns a package group; larder.NotFound, of the domain or the
// group, if there is none.
func (tx *Tx) PackageGroup(ctx context.Context, ref larder.PackageGroupRef) (PackageGroup, error) {
	d, err := tx.Domain(ctx, ref.Domain)
	if err != nil {
		return PackageGroup{}, err
	}
	found, err := packageGroups(ctx, tx, d, `
		SELECT `+packageGroupColumns+` FROM package_groups WHERE domain = $1 AND pattern = $2`, d.ID, ref.Pattern)
	if err == nil && len(found) == 0 {
		err = NoPackageGroup(ref)
	}
	if err != nil {
		return PackageGroup{}, err
	}
	return found[0], nil
}

// NoPackageGroup is the error for a package group that does not exist.
// CodeArtifact has no resource type for one.
func NoPackageGroup(ref larder.PackageGroupRef) error {
	return &larder.Error{
		Kind: larder.NotFound, ID: ref.Pattern,
		Message: "Package group not found. Package group '" + ref.Pattern + "' does not exist in domain '" + ref.Domain.Name + "'.",
	}
}

// PackageGroups returns all package groups of a domain by pattern.
func (tx *Tx) PackageGroups(ctx context.Context, d Domain) ([]PackageGroup, error) {
	return packageGroups(ctx, tx, d, `
		SELECT `+packageGroupColumns+` FROM package_groups WHERE domain = $1 ORDER BY pattern`, d.ID)
}

// PackageGroupsOver returns the package groups of a domain whose folded
// patterns are the beginning of a folded path: all that may match it, and all
// that are above those.
func (tx *Tx) PackageGroupsOver(ctx context.Context, d Domain, folded string) ([]PackageGroup, error) {
	return packageGroups(ctx, tx, d, `
		SELECT `+packageGroupColumns+`
		  FROM package_groups
		 WHERE domain = $1 AND substr(CAST($2 AS TEXT), 1, length(folded)) = folded`, d.ID, folded)
}

// DescribePackageGroup gives a group other texts.
func (tx *Tx) DescribePackageGroup(ctx context.Context, g PackageGroup) error {
	_, err := tx.exec(ctx, `UPDATE package_groups SET contact_info = $3, description = $4 WHERE domain = $1 AND pattern = $2`,
		g.Domain, g.Ref.Pattern, g.ContactInfo, g.Description)
	return err
}

// SetPackageGroupModes gives a group the modes that it is handed with.
func (tx *Tx) SetPackageGroupModes(ctx context.Context, g PackageGroup) error {
	_, err := tx.exec(ctx, `
		UPDATE package_groups SET publish = $3, internal_upstream = $4, external_upstream = $5
		 WHERE domain = $1 AND pattern = $2`,
		g.Domain, g.Ref.Pattern, g.Modes[Publish], g.Modes[InternalUpstream], g.Modes[ExternalUpstream])
	return err
}

// DeletePackageGroup deletes a group with its tags and lists.
func (tx *Tx) DeletePackageGroup(ctx context.Context, g PackageGroup) error {
	_, err := tx.exec(ctx, `DELETE FROM package_groups WHERE domain = $1 AND pattern = $2`, g.Domain, g.Ref.Pattern)
	return err
}

// AllowRepository puts a repository on a group's list, and reports whether it
// was not on it.
func (tx *Tx) AllowRepository(ctx context.Context, g PackageGroup, r Restriction, repository int64) (bool, error) {
	n, err := tx.exec(ctx, `
		INSERT INTO package_group_repositories (domain, pattern, restriction, repository) VALUES ($1, $2, $3, $4)
		ON CONFLICT DO NOTHING`, g.Domain, g.Ref.Pattern, r, repository)
	return n > 0, err
}

// DisallowRepository takes a repository off a group's list, and reports
// whether it was on it.
func (tx *Tx) DisallowRepository(ctx context.Context, g PackageGroup, r Restriction, repository int64) (bool, error) {
	n, err := tx.exec(ctx, `
		DELETE FROM package_group_repositories
		 WHERE domain = $1 AND pattern = $2 AND restriction = $3 AND repository = $4`, g.Domain, g.Ref.Pattern, r, repository)
	return n > 0, err
}

// AllowedRepositories returns a page of a group's list by name.
func (tx *Tx) AllowedRepositories(ctx context.Context, g PackageGroup, r Restriction, last string, limit int) ([]Repository, error) {
	return repositories(ctx, tx, `
		SELECT `+repositoryColumns+`
		  FROM package_group_repositories a
		  JOIN repositories r ON r.id = a.repository
		  JOIN domains d ON d.id = r.domain
		 WHERE a.domain = $1 AND a.pattern = $2 AND a.restriction = $3 AND r.name > $4
		 ORDER BY r.name
		 LIMIT $5`, g.Domain, g.Ref.Pattern, r, last, limit)
}

// AllowedRows returns the rows of the repositories on a group's list.
func (tx *Tx) AllowedRows(ctx context.Context, g PackageGroup, r Restriction) (map[int64]bool, error) {
	rows := map[int64]bool{}
	err := each(ctx, tx, func(r *sql.Rows) error {
		var row int64
		err := r.Scan(&row)
		rows[row] = true
		return err
	}, `SELECT repository FROM package_group_repositories WHERE domain = $1 AND pattern = $2 AND restriction = $3`,
		g.Domain, g.Ref.Pattern, r)
	return rows, err
}

// AllowedCounts returns how many repositories the lists of a domain's groups
// have, by pattern.
func (tx *Tx) AllowedCounts(ctx context.Context, domain int64) (map[string]map[Restriction]int64, error) {
	counts := map[string]map[Restriction]int64{}
	err := each(ctx, tx, func(r *sql.Rows) error {
		var pattern string
		var of Restriction
		var n int64
		if err := r.Scan(&pattern, &of, &n); err != nil {
			return err
		}
		if counts[pattern] == nil {
			counts[pattern] = map[Restriction]int64{}
		}
		counts[pattern][of] = n
		return nil
	}, `
		SELECT pattern, restriction, COUNT(*)
		  FROM package_group_repositories
		 WHERE domain = $1
		 GROUP BY pattern, restriction`, domain)
	return counts, err
}

// NamesInDomain returns a page of the packages of one format that any
// repository of a domain has, or with an empty format of all, by format,
// namespace and name.
func (tx *Tx) NamesInDomain(ctx context.Context, domain int64, format larder.Format, last PackageKey, limit int) ([]PackageKey, error) {
	return collect(ctx, tx, func(r *sql.Rows) (k PackageKey, err error) {
		err = r.Scan(&k.Format, &k.Namespace, &k.Name)
		return k, err
	}, `
		SELECT DISTINCT p.format, p.namespace, p.name
		  FROM repositories r JOIN packages p ON p.repository = r.id
		 WHERE r.domain = $1
		   AND (p.format, p.namespace, p.name) > ($2, $3, $4)
		   AND ($5 = '' OR p.format = $5)
		 ORDER BY p.format, p.namespace, p.name
		 LIMIT $6`, domain, last.Format, last.Namespace, last.Name, format, limit)
}

// SetPackageGroupTag adds a tag or replaces its value.
func (tx *Tx) SetPackageGroupTag(ctx context.Context, domain int64, pattern string, t Tag) error {
	_, err := tx.exec(ctx, `
		INSERT INTO package_group_tags (domain, pattern, key, value) VALUES ($1, $2, $3, $4)
		ON CONFLICT (domain, pattern, key) DO UPDATE SET value = excluded.value`, domain, pattern, t.Key, t.Value)
	return err
}

// DeletePackageGroupTag removes a tag; that there is none is fine.
func (tx *Tx) DeletePackageGroupTag(ctx context.Context, domain int64, pattern string, key string) error {
	_, err := tx.exec(ctx, `DELETE FROM package_group_tags WHERE domain = $1 AND pattern = $2 AND key = $3`, domain, pattern, key)
	return err
}

// PackageGroupTags returns a group's tags in order of their keys.
func (tx *Tx) PackageGroupTags(ctx context.Context, domain int64, pattern string) ([]Tag, error) {
	return collect(ctx, tx, func(r *sql.Rows) (t Tag, err error) {
		err = r.Scan(&t.Key, &t.Value)
		return t, err
	}, `SELECT key, value FROM package_group_tags WHERE domain = $1 AND pattern = $2 ORDER BY key`, domain, pattern)
}
