// Package pypi speaks to Python's packaging tools: pip, twine, uv, poetry and
// whatever else knows the legacy upload and the simple API.
//
// It owns the form that an upload is, the names of distribution files, what a
// wheel or an sdist says about itself, the project page in its two forms, and
// the spelling of names and versions. It knows the root vocabulary, the seam
// of internal/format and internal/archive. It does no authentication,
// storage, caching or range serving.
//
// What it decides where the specifications and the clients leave a choice:
//
//   - What a file says inside (METADATA of a wheel, PKG-INFO of an sdist)
//     counts. The fields of the form and the name of the file must agree with
//     it in name and version; everything else in the form is ignored.
//   - A version is stored in the normal form of PEP 440, so that files whose
//     names spell it differently are files of one version. 1.0 and 1.0.0
//     stay two versions, as they are two on every page.
//   - Any spelling of a project's name is served, without a redirect.
//   - Wheels and sdists (.tar.gz, .zip) are taken. Eggs and installers are
//     not, as on PyPI since PEP 527 and PEP 715.
//   - A wheel's METADATA is what is known of a version; an sdist's PKG-INFO is
//     until a wheel comes, for old tools leave the dependencies out of it.
//   - Attestations (PEP 740) must be about the file that they come with, and
//     are served for clients to verify. Their signatures are not verified
//     here, which the publisher "unverified" says.
//   - The page says of itself that it is of version 1.1 of the API, as
//     CodeArtifact's does. What later versions add is there beside it.
package pypi
