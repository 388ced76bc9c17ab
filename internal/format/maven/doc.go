// Package maven speaks to what uses Maven repositories: Maven, Gradle, sbt,
// Ivy, coursier, Leiningen.
//
// It owns the layout of such a repository (what a path means, and what may be
// in it), the POM, the three kinds of maven-metadata.xml, checksums,
// snapshots, and the order of versions. It knows the root vocabulary, the
// seam of internal/format and internal/archive. It does no authentication,
// storage, hashing, caching or range serving.
//
// What it decides where Maven, its kin and CodeArtifact leave a choice:
//
//   - Files make a version, which is Unfinished until a maven-metadata.xml of
//     the artifact that names it is put. The order does not matter: one that
//     comes before the first file waits in the version for it.
//   - That body says no more than this. What clients are given is made of the
//     versions that are listed: deploys that run at once overwrite each
//     other's merge of the same document. The body is kept as the asset
//     maven-metadata.xml of each version that it finished, because
//     CodeArtifact lists one, and its digests in the version's notes: the
//     checksums that follow are held against them. A body that finishes
//     nothing is not kept, and whatever checksum follows it is taken.
//   - A checksum that does not match its file is kept in mind in the notes of
//     the Unfinished version, and keeps it Unfinished until the right one
//     comes or an administrator publishes it. Kept in the store, it counts on
//     every node.
//   - Files in a snapshot's directory must be those of a build, with its
//     timestamp. The build is a version of its own; putting the directory's
//     maven-metadata.xml makes the snapshot's version out of the build's
//     files, unless it has those of a newer build, and takes the build out of
//     the lists. In the directory the files of every build are served.
//   - Versions are in the order of Maven 3.9, but where that goes round in
//     circles.
//   - The latest version is the highest one in Maven's order, and so is the
//     release among those that are no snapshots.
//   - a/b/c/maven-metadata.xml may be about the artifact c of the group a.b or
//     about the plugins of the group a.b.c. A body says which it is; a reader
//     gets one document with both.
//   - A plugin's prefix is the one in its jar's own descriptor, else that in
//     its POM, else what Maven makes of its artifact ID; what clients put
//     about it is not needed. Plugins that public registries tell of follow
//     those that are here, under prefixes that none of these has.
//   - A path that is no artifact's is not found when it is asked for, since
//     clients try others then, and invalid when it is put.
package maven
