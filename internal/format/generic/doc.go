// Package generic is the format that no package manager speaks: versions of
// any files, published and fetched by the API's PublishPackageVersion and
// GetPackageVersionAsset. All that it owns is which names there may be.
//
// A version grows while it is Unfinished; whether it is, is said by each
// publish. Nothing is read of what is in the files. Versions have no order of
// their own: they may be dates, commits or words, and are compared as text.
package generic
