// Package outbound is the only way out: HTTP requests to addresses that
// others name, such as public registries, what their indexes point at, and
// identity providers.
//
// It owns what must hold of every such request: which networks may be dialed
// (judged on the address that is really connected to, so that no name that
// resolves elsewhere the second time gets past), to whom credentials go, how
// long an answer may take to begin and to go on, how large it may be, how
// many requests a host gets at a time, and when a host is left alone: after
// it failed several times, or as long as its Retry-After says.
//
// Its types are free of net/http, so that rooms that must not know HTTP can
// ask. It knows nothing of what it fetches: what an answer means, whether its
// bytes are the right ones and what is done without an answer is the asker's.
package outbound
