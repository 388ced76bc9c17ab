// Package archive reads tar archives, plain or compressed by gzip, and zip
// archives that strangers made, under caps and without ever writing to disk.
//
// [WalkTar] and [WalkZip] show each entry to a function. Entries that would be
// dangerous to unpack (absolute names, "..", links, devices) are shown too,
// and say so: whether to skip one or to refuse the archive is the caller's to
// decide. [Pick] keeps the few small files that a package format looks for.
//
// What would make two programs see two different archives in the same bytes is
// refused, because the one that we describe must be the one that is installed.
// Whatever is wrong with the bytes is larder.Invalid and says what; an error of
// the reader underneath is passed on as it is.
package archive
