// Package dir keeps blobs in a directory of a filesystem:
//
//	tmp/                      bodies on their way; emptied when the store opens
//	ab/abcd….17               the bytes of digest abcd… and blobs row 17
//	store                     what tells a shared store from others
//
// A file gets its name only after its bytes are on the disk, so whatever has
// a name is whole. Either one process has the store open, which holds the lock
// of the data directory, or the store is shared: then each process has a
// directory of its own in tmp. A row's number is in every name, so no two
// processes ever write one file.
package dir
