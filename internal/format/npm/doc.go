// Package npm speaks to the npm family: npm itself, pnpm, yarn (both), bun.
//
// It owns the document that a publish sends, what a tarball says about
// itself, the packument in its two forms, dist-tags, deprecation, unpublish
// and search, and the spelling of names, versions and tarball files. It knows
// the root vocabulary, the seam of internal/format and internal/archive. It
// does no authentication, storage, hashing, caching or range serving.
//
// What it decides where npm's registry and its clients leave a choice:
//
//   - A version's manifest is made of the package.json inside its tarball,
//     which is what runs once it is installed. The manifest that comes along
//     in a publish document must agree in name and version and may add what
//     only describes (npm derives some of it: gitHead, homepage, bugs); its
//     dependencies, scripts and bin are never believed.
//   - The tag latest is always shown while a version is listed: where it is
//     not set, or points at a version that is hidden, it is the version that
//     npm picks without it, the highest that is no prerelease.
//   - A provenance bundle is kept if it is about the published bytes, and is
//     served for clients to verify. Its signatures are not verified here.
//   - Stars, owners, teams, hooks, profiles and logins are not kept: who may
//     do what is decided by policies. Audits answer 404 rather than claim
//     that nothing is known against a package.
package npm
