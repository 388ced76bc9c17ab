// Package sigv4 verifies requests signed with AWS Signature Version 4, in the
// header form and in the presigned query form, and signs them for our own
// client.
//
// It reads the request target and the headers as they arrived, decodes the
// query once, and hands out the decoded pairs that the signature covers, so
// that a handler cannot read anything else. It asks a [KeySource] for the
// secret of an access key. It knows the root package only: who a key belongs
// to, what they may do, how a failure is spelled on the wire and which
// operations go unsigned are decided elsewhere.
//
// The order of the checks in [Verifier.Verify] is that of AWS and part of the
// contract: it decides which error a client with several faults sees.
package sigv4
