// Package mirror reads what names packages exactly - the lock files of npm,
// pnpm, yarn, uv, poetry and Gradle, requirements files and reports of pip,
// trees and lists of Maven - and fetches all of it through a repository, which
// so retains it: for networks that are to be cut off.
//
// What is fetched is summed and thrown away: the copy that counts is the
// repository's. Where a lock says what the bytes are, others are a failure.
package mirror
