package identity_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
)

// statements change all that decides, each with a small number that says
// which of a few things it is about. What does not apply changes nothing.
var statements = []string{
	`INSERT OR IGNORE INTO accounts (id, created_ms) VALUES (printf('%012d', ?1), 0)`,
	`INSERT OR IGNORE INTO entities (id, account, kind, name, name_fold, path, created_ms, trust) SELECT 'E' || ?2, '` + owner + `', CASE ?1 % 3 WHEN 0 THEN 'user' WHEN 1 THEN 'group' ELSE 'role' END, 'N' || ?1, 'n' || ?1, '/', 0, CASE ?1 % 3 WHEN 2 THEN '{}' ELSE '' END`,
	`UPDATE entities SET name = 'M' || ?2, name_fold = 'm' || ?2, path = '/p/' WHERE id IN (SELECT id FROM entities ORDER BY id LIMIT 1 OFFSET ?1)`,
	`UPDATE entities SET boundary = 'b' || ?2 WHERE id IN (SELECT id FROM entities ORDER BY id LIMIT 1 OFFSET ?1)`,
	`DELETE FROM entities WHERE id IN (SELECT id FROM entities e WHERE NOT EXISTS (SELECT 1 FROM inline_policies WHERE entity = e.id) AND NOT EXISTS (SELECT 1 FROM attached_policies WHERE entity = e.id) AND NOT EXISTS (SELECT 1 FROM group_members WHERE member = e.id OR of = e.id) LIMIT 1)`,
	`INSERT OR REPLACE INTO entity_tags (entity, key, value) SELECT id, 'k' || ?1, 'v' || ?2 FROM entities ORDER BY id LIMIT 1 OFFSET ?1`,
	`DELETE FROM entity_tags WHERE key = 'k' || ?1`,
	`INSERT OR REPLACE INTO inline_policies (entity, name, document) SELECT id, 'p' || ?1, 'd' || ?2 FROM entities ORDER BY id LIMIT 1 OFFSET ?1`,
	`DELETE FROM inline_policies WHERE name = 'p' || ?1`,
	`INSERT OR IGNORE INTO attached_policies (entity, arn) SELECT id, 'a' || ?1 FROM entities ORDER BY id LIMIT 1 OFFSET ?1`,
	`DELETE FROM attached_policies WHERE arn = 'a' || ?1`,
	`INSERT OR IGNORE INTO group_members (member, of, joined_ms) SELECT m.id, g.id, 0 FROM entities m, entities g WHERE m.kind = 'user' AND g.kind = 'group' ORDER BY m.id, g.id LIMIT 1 OFFSET ?1`,
	`DELETE FROM group_members WHERE member IN (SELECT member FROM group_members LIMIT 1 OFFSET ?1)`,
	`INSERT OR IGNORE INTO access_keys (id, account, owner, secret, status, created_ms) VALUES ('K' || ?1, '` + owner + `', 'E' || ?2, x'00', 'Active', 0)`,
	`UPDATE access_keys SET status = CASE status WHEN 'Active' THEN 'Inactive' ELSE 'Active' END WHERE id = 'K' || ?1`,
	`DELETE FROM access_keys WHERE id = 'K' || ?1`,
	`INSERT OR IGNORE INTO policies (id, account, name, name_fold, path, arn, description, default_version, newest_version, created_ms, updated_ms) VALUES ('P' || ?2, '` + owner + `', 'p' || ?1, 'p' || ?1, '/', 'a' || ?1, '', 1, 1, 0, 0)`,
	`INSERT OR REPLACE INTO policy_versions (policy, version, document, created_ms) SELECT id, 1 + ?1 % 2, 'd' || ?2, 0 FROM policies ORDER BY id LIMIT 1 OFFSET ?1`,
	`UPDATE policies SET default_version = 3 - default_version WHERE arn = 'a' || ?1`,
	`DELETE FROM policies WHERE arn = 'a' || ?1`,
	`INSERT OR REPLACE INTO policy_tags (policy, key, value) SELECT id, 'k', 'v' || ?2 FROM policies LIMIT 1 OFFSET ?1`,
	`INSERT OR IGNORE INTO oidc_providers (arn, account, url, client_ids, thumbprints, created_ms) VALUES ('o' || ?1, '` + owner + `', '', '', '', 0)`,
	`INSERT OR REPLACE INTO oidc_provider_tags (provider, key, value) SELECT arn, 'k', 'v' || ?2 FROM oidc_providers LIMIT 1 OFFSET ?1`,
	`DELETE FROM oidc_providers WHERE arn = 'o' || ?1`,
	`INSERT OR IGNORE INTO domains (uid, owner, name, created_ms, encryption_key) VALUES (?2, '` + owner + `', 'd' || ?1, 0, '')`,
	`UPDATE domains SET policy = 'd' || ?2 WHERE name = 'd' || ?1`,
	`INSERT OR REPLACE INTO domain_tags (domain, key, value) SELECT id, 'k', 'v' || ?2 FROM domains LIMIT 1 OFFSET ?1`,
	`INSERT OR IGNORE INTO package_groups (domain, pattern, folded, contact_info, description, created_ms, publish, internal_upstream, external_upstream) SELECT id, '/' || ?2 % 3, '', '', '', 0, '', '', '' FROM domains LIMIT 1 OFFSET ?1`,
	`INSERT OR REPLACE INTO package_group_tags (domain, pattern, key, value) SELECT domain, pattern, 'k', 'v' || ?2 FROM package_groups LIMIT 1 OFFSET ?1`,
	`DELETE FROM package_groups WHERE (domain, pattern) IN (SELECT domain, pattern FROM package_groups LIMIT 1 OFFSET ?1)`,
	`DELETE FROM domains WHERE name = 'd' || ?1 AND NOT EXISTS (SELECT 1 FROM repositories WHERE domain = domains.id)`,
	`INSERT OR IGNORE INTO repositories (domain, name, administrator, description, created_ms) SELECT id, 'r' || ?2 % 5, '` + owner + `', '', 0 FROM domains ORDER BY id LIMIT 1 OFFSET ?1`,
	`UPDATE repositories SET policy = 'd' || ?2 WHERE id IN (SELECT id FROM repositories ORDER BY id LIMIT 1 OFFSET ?1)`,
	`INSERT OR REPLACE INTO repository_tags (repository, key, value) SELECT id, 'k', 'v' || ?2 FROM repositories LIMIT 1 OFFSET ?1`,
	`DELETE FROM repositories WHERE id IN (SELECT id FROM repositories ORDER BY id LIMIT 1 OFFSET ?1)`,
	`INSERT OR IGNORE INTO revoked_tokens (id, account, until_ms) VALUES (printf('%016x', ?1), '', 0)`,
	`DELETE FROM revoked_tokens WHERE id = printf('%016x', ?1)`,
	`INSERT OR REPLACE INTO revoked_key_tokens (access_key, account, by_ms, until_ms) VALUES ('K' || ?1, '', ?2, 0)`,
	`DELETE FROM revoked_key_tokens WHERE access_key = 'K' || ?1`,
}

// Whatever changes, by whichever statement: who reads the changes alone has
// in the end what one has who reads everything.
func TestReadingTheChangesIsReadingEverything(t *testing.T) {
	h := open(t)
	seed := rand.Uint64()
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	late := h.another()
	for round := range 60 {
		var made []any
		h.statements(func(yield func(string, ...any)) {
			for range 1 + random.IntN(20) {
				statement := statements[random.IntN(len(statements))]
				n, fresh := random.IntN(6), random.IntN(1<<30)
				made = append(made, fmt.Sprintf("%s [%d %d]", statement, n, fresh))
				yield(statement, n, fresh)
			}
		})
		h.must(h.Change(t.Context(), func(context.Context, *meta.Tx) error { return nil }))
		if round%5 > 0 {
			continue // so that late has several epochs to catch up with
		}
		h.must(late.Refresh(t.Context()))
		other, err := identity.Open(t.Context(), identity.Options{DB: h.db, Keys: h.keys, Region: region})
		h.must(err)
		for name, s := range map[string]*identity.Service{"who reads every epoch": h.Service, "who reads some": late.Service} {
			if got, want := s.Dump(), other.Dump(); got != want {
				t.Fatalf("%s: after\n%s\ngot\n%s\n\nwant\n%s", name, fmt.Sprint(made...), got, want)
			}
		}
	}
}

func TestWhoIsFarBehindReadsEverything(t *testing.T) {
	h := open(t)
	alice := h.user(owner, "alice", allow("codeartifact:*"))
	late := h.another()
	h.must(h.Change(t.Context(), func(ctx context.Context, tx *meta.Tx) error {
		for i := range 600 {
			if _, err := tx.InsertAccount(ctx, meta.Account{ID: fmt.Sprintf("%012d", i), CreatedAt: start}); err != nil {
				return err
			}
		}
		return nil
	}))
	h.put(owner, "alice", "no", deny("*"))
	h.must(late.Refresh(t.Context()))
	if got, want := late.Dump(), h.Dump(); got != want {
		t.Error("what was read after many changes is not what there is")
	}
	if late.may(alice, readAction, app.ARN(region)) == nil {
		t.Error("who was far behind allows what was forbidden")
	}

	// Of another history the same number says nothing.
	h.sql(`UPDATE epoch SET nonce = 'another'`)
	h.sql(`UPDATE changes SET id = 'another' WHERE kind = 'epoch'`)
	h.sql(`DELETE FROM changes WHERE kind <> 'epoch'`)
	h.sql(`DELETE FROM inline_policies WHERE name = 'no'`)
	h.sql(`DELETE FROM changes WHERE kind <> 'epoch'`)
	h.must(late.Refresh(t.Context()))
	h.must(late.may(alice, readAction, app.ARN(region)))
}

// What was compiled for a user stays so while neither the user, nor a group,
// nor a managed policy changes.
func TestWhatIsSharedChangesOnlyWithGroupsAndPolicies(t *testing.T) {
	h := open(t)
	h.user(owner, "alice")
	before := h.Generation()
	h.user(owner, "bob", allow("*"))
	h.guard(onDomain(team), grants(outsider, readAction))
	if got := h.Generation(); got != before {
		t.Errorf("got generation %d, want %d", got, before)
	}
	h.managed("reads", allow("*"))
	if h.Generation() == before {
		t.Error("a new managed policy left what was compiled before in force")
	}
	before = h.Generation()
	h.entity(meta.Group, "g", "")
	if h.Generation() == before {
		t.Error("a new group left what was compiled before in force")
	}
}
