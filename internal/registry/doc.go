// Package registry owns the rules: what may be published where, what package
// groups and origin controls let in, what a second publish of a version means,
// what a status hides, what goes when a package, a repository or a domain goes,
// and how bytes come to be stored and are collected.
//
// It has two faces. Towards the formats it is a format.Registry, which judges
// every call for the caller in the context by asking identity, publishes and
// amendments again at their commit. Towards the control plane it is one
// method per operation, which the control plane's table has judged before.
//
// It knows internal/meta, internal/blob and internal/identity. It never sees
// HTTP, and no file in it names a format: what differs between formats is
// data in format.Format.
package registry
