package meta

import (
	"context"
	"strings"
	"time"
)

// AddMember puts a user into a group; again is fine.
func (tx *Tx) AddMember(ctx context.Context, group, user string, at time.Time) error {
	_, err := tx.exec(ctx, `
		INSERT INTO group_members (member, of, joined_ms) VALUES ($1, $2, $3)
		ON CONFLICT (member, of) DO NOTHING`, user, group, millis(at))
	return err
}

// RemoveMember takes a user out of a group; one who is not in it is fine.
func (tx *Tx) RemoveMember(ctx context.Context, group, user string) error {
	_, err := tx.exec(ctx, `DELETE FROM group_members WHERE member = $1 AND of = $2`, user, group)
	return err
}

// Members returns a page of a group's users, by folded name; last is the name
// of the last one before it.
func (tx *Tx) Members(ctx context.Context, group, last string, limit int) ([]Entity, error) {
	return collect(ctx, tx, scanEntityRow, `
		SELECT `+entityColumns+` FROM entities JOIN group_members ON member = id
		 WHERE of = $1 AND name_fold > $2
		 ORDER BY name_fold
		 LIMIT $3`, group, strings.ToLower(last), limit)
}

// GroupsOf returns the groups that a user is in, by folded name.
func (tx *Tx) GroupsOf(ctx context.Context, user string) ([]Entity, error) {
	return collect(ctx, tx, scanEntityRow, `
		SELECT `+entityColumns+` FROM entities JOIN group_members ON of = id
		 WHERE member = $1
		 ORDER BY name_fold`, user)
}
