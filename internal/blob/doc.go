// Package blob keeps immutable bytes by SHA-256. It knows nothing of what
// they mean: internal/meta says which bytes are alive, and its collector says
// which to delete.
//
// Bytes come in two steps. Stage spools and sums them, so that the caller
// knows what it holds before anything names it; Place stores them under a key
// that a row was reserved for. blob/dir is the [Store] in a directory;
// blobtest is what any Store must do. [Spool] is the staging that stores
// share, [Limit] bounds it, [Watermark] says early that a disk fills up.
package blob
