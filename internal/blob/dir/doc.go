// Package dir keeps blobs in a directory of a local filesystem:
//
//	tmp/                      bodies on their way; emptied when the store opens
//	ab/abcd….17               the bytes of digest abcd… and blobs row 17
//
// A file gets its name only after its bytes are on the disk, so whatever has
// a name is whole. The caller holds the lock of the data directory: two
// processes must not have one store open.
package dir
