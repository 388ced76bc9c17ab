// Package audit keeps what is known of one request while it travels
// ([Event], carried by the context) and writes who did what as CloudTrail
// has it: one JSON line a request, in files that are rotated.
//
// Phases fill the event; the edge of the server, which began it, writes its
// log line, its metrics and its record once. Nothing secret is ever put in.
package audit
