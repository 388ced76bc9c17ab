package meta

import (
	"context"
	"database/sql"
	"strings"
)

// Attachment is a managed policy attached to an entity.
type Attachment struct{ Entity, ARN string }

// Attach attaches a managed policy; again is fine.
func (tx *Tx) Attach(ctx context.Context, a Attachment) error {
	_, err := tx.exec(ctx, `
		INSERT INTO attached_policies (entity, arn) VALUES ($1, $2)
		ON CONFLICT (entity, arn) DO NOTHING`, a.Entity, a.ARN)
	return err
}

// Detach reports whether the policy was attached.
func (tx *Tx) Detach(ctx context.Context, a Attachment) (bool, error) {
	n, err := tx.exec(ctx, `DELETE FROM attached_policies WHERE entity = $1 AND arn = $2`, a.Entity, a.ARN)
	return n > 0, err
}

// Attachments returns the policies attached to an entity, by ARN.
func (tx *Tx) Attachments(ctx context.Context, entity string) ([]Attachment, error) {
	return collect(ctx, tx, scanAttachment, `
		SELECT entity, arn FROM attached_policies WHERE entity = $1 ORDER BY arn`, entity)
}

// CountAttachments returns how many entities of an account have a managed
// policy attached, and how many have it for their boundary.
func (tx *Tx) CountAttachments(ctx context.Context, account, arn string) (attached, bounded int, err error) {
	err = tx.q.QueryRowContext(ctx, `
		SELECT (SELECT count(*) FROM attached_policies a JOIN entities e ON e.id = a.entity
		         WHERE a.arn = $2 AND e.account = $1),
		       (SELECT count(*) FROM entities WHERE boundary = $2 AND account = $1)`, account, arn).Scan(&attached, &bounded)
	return attached, bounded, err
}

// PolicyEntityQuery asks for the entities of an account that have a policy.
type PolicyEntityQuery struct {
	Account, ARN       string
	Attached, Boundary bool       // in which ways they may have it
	Kind               EntityKind // empty: any
	PathPrefix         string
	Last               Entity // the last one before the page: its kind and name count
	Limit              int
}

// PolicyEntities returns a page of the entities that have a policy, by kind
// and folded name.
func (tx *Tx) PolicyEntities(ctx context.Context, q PolicyEntityQuery) ([]Entity, error) {
	return collect(ctx, tx, scanEntityRow, `
		SELECT `+entityColumns+` FROM entities
		 WHERE account = $1
		   AND id IN (SELECT entity FROM attached_policies WHERE arn = $2 AND $3 = 1
		              UNION SELECT id FROM entities WHERE boundary = $2 AND $4 = 1)
		   AND ($5 = '' OR kind = $5)
		   AND path >= $6 AND ($7 = '' OR path < $7)
		   AND (kind > $8 OR kind = $8 AND name_fold > $9)
		 ORDER BY kind, name_fold
		 LIMIT $10`,
		q.Account, q.ARN, flag(q.Attached), flag(q.Boundary), q.Kind, q.PathPrefix, after(q.PathPrefix),
		q.Last.Kind, strings.ToLower(q.Last.Name), q.Limit)
}

func scanAttachment(r *sql.Rows) (a Attachment, err error) {
	err = r.Scan(&a.Entity, &a.ARN)
	return a, err
}
