// Package proxy forwards what package managers ask of a loopback address to
// the repositories of one domain, with a token that is always good: for what
// can be told neither by a helper nor by its environment.
//
// It sends a token to one origin only and for repositories of one domain only,
// serves nobody but programs of this machine, refuses what a browser sends for
// another site, and says nothing of tokens anywhere. Where they come from is
// told by who calls.
package proxy
