package meta

import (
	"context"
	"database/sql"

	"larder.example/larder"
)

// Node is a repository as the search for packages sees it.
type Node struct {
	ID         int64
	Ref        larder.RepositoryRef
	Connection string  // its external connection, or empty
	Upstreams  []int64 // in the order in which they are searched
}

// reach are all repositories that a search which begins at $1 may come to,
// in no order. What is found twice is followed once: upstreams may lead in
// circles.
const reach = `
	WITH RECURSIVE reach (id) AS (
		SELECT CAST($1 AS BIGINT)
		 UNION
		SELECT u.upstream FROM reach JOIN upstreams u ON u.repository = reach.id)`

// Reach returns the repositories of a domain that a search which begins at
// one of them may come to, by their rows. It is one statement, so one
// snapshot.
func (tx *Tx) Reach(ctx context.Context, from Repository) (map[int64]*Node, error) {
	nodes := map[int64]*Node{}
	err := each(ctx, tx, func(r *sql.Rows) error {
		n := Node{Ref: larder.RepositoryRef{Domain: from.Ref.Domain}}
		var upstream sql.NullInt64
		if err := r.Scan(&n.ID, &n.Ref.Name, &n.Connection, &upstream); err != nil {
			return err
		}
		known, ok := nodes[n.ID]
		if !ok {
			known = &n
			nodes[n.ID] = known
		}
		if upstream.Valid {
			known.Upstreams = append(known.Upstreams, upstream.Int64)
		}
		return nil
	}, reach+`
		SELECT r.id, r.name, r.connection, u.upstream
		  FROM reach
		  JOIN repositories r ON r.id = reach.id
		  LEFT JOIN upstreams u ON u.repository = r.id
		 ORDER BY r.id, u.position`, from.ID)
	return nodes, err
}

// PackagesInReach returns a package in each of the repositories of
// [Tx.Reach] that has it, by the repository's row.
func (tx *Tx) PackagesInReach(ctx context.Context, from Repository, ref larder.PackageRef) (map[int64]Package, error) {
	found := map[int64]Package{}
	err := each(ctx, tx, func(r *sql.Rows) error {
		p := Package{Ref: ref}
		var created int64
		if err := r.Scan(&p.ID, &p.Repository, &p.Ref.Repository.Name, &created, &p.Seq, &p.Quiet, &p.Origin.Publish, &p.Origin.Upstream); err != nil {
			return err
		}
		p.CreatedAt = moment(created)
		found[p.Repository] = p
		return nil
	}, reach+`
		SELECT p.id, p.repository, r.name, p.created_ms, p.seq, p.quiet, p.publish, p.upstream
		  FROM reach
		  JOIN repositories r ON r.id = reach.id
		  JOIN packages p ON p.repository = r.id
		 WHERE p.format = $2 AND p.namespace = $3 AND p.name = $4`,
		from.ID, ref.Format, ref.Namespace, ref.Name)
	return found, err
}

// NamesInReach returns a page of the packages of one format, by namespace and
// name, that any of the repositories of [Tx.Reach] has. q's Format is that of
// Last.
func (tx *Tx) NamesInReach(ctx context.Context, from Repository, q PackageQuery) ([]PackageKey, error) {
	return collect(ctx, tx, func(r *sql.Rows) (k PackageKey, err error) {
		k.Format = q.Last.Format
		err = r.Scan(&k.Namespace, &k.Name)
		return k, err
	}, reach+`
		SELECT DISTINCT p.namespace, p.name
		  FROM reach JOIN packages p ON p.repository = reach.id
		 WHERE p.format = $2
		   AND (p.namespace, p.name) > ($3, $4)
		   AND p.namespace >= $5 AND ($6 = '' OR p.namespace < $6)
		   AND p.name >= $7 AND ($8 = '' OR p.name < $8)
		 ORDER BY p.namespace, p.name
		 LIMIT $9`,
		from.ID, q.Last.Format, q.Last.Namespace, q.Last.Name,
		q.NamespacePrefix, after(q.NamespacePrefix), q.NamePrefix, after(q.NamePrefix), q.Limit)
}

// Upstreams returns the upstreams of a repository in the order in which they
// are searched.
func (tx *Tx) Upstreams(ctx context.Context, repository int64) ([]Repository, error) {
	return repositories(ctx, tx, `
		SELECT `+repositoryColumns+`
		  FROM upstreams u
		  JOIN repositories r ON r.id = u.upstream
		  JOIN domains d ON d.id = r.domain
		 WHERE u.repository = $1
		 ORDER BY u.position`, repository)
}

// SetUpstreams replaces the upstreams of a repository.
func (tx *Tx) SetUpstreams(ctx context.Context, repository int64, upstreams []int64) error {
	if _, err := tx.exec(ctx, `DELETE FROM upstreams WHERE repository = $1`, repository); err != nil {
		return err
	}
	for position, upstream := range upstreams {
		if _, err := tx.exec(ctx, `INSERT INTO upstreams (repository, position, upstream) VALUES ($1, $2, $3)`,
			repository, position, upstream); err != nil {
			return err
		}
	}
	return nil
}

// SetConnection gives a repository an external connection, or takes it if it
// is empty.
func (tx *Tx) SetConnection(ctx context.Context, repository int64, connection string) error {
	_, err := tx.exec(ctx, `UPDATE repositories SET connection = $2 WHERE id = $1`, repository, connection)
	return err
}

// SetDescription describes a repository anew.
func (tx *Tx) SetDescription(ctx context.Context, repository int64, description string) error {
	_, err := tx.exec(ctx, `UPDATE repositories SET description = $2 WHERE id = $1`, repository, description)
	return err
}
