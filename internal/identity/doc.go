// Package identity owns who asks and whether they may: accounts, users,
// groups, roles, access keys, sessions, the policies on them, identity
// providers, and the permissions policies on domains and repositories.
//
// Everything that decides lives in one immutable snapshot behind an atomic
// pointer. A change commits, then swaps the snapshot, then returns, so a
// request that begins after a change was answered obeys it. [Service.Authorize]
// is the only place where a permission is decided; it reads the snapshot and
// nothing else. [Service.Explain] puts the same question to the same policies
// and says why, [Service.Simulate] puts questions that nobody asked.
//
// It knows internal/meta and internal/policy, and never HTTP: signatures are
// verified by internal/sigv4 with the keys that it asks for here, tokens are
// opened by internal/token.
package identity
