// Package awsquery is AWS's Query protocol, which IAM and STS speak: a form
// posted to the root (or a query string) names the action, its version and
// its parameters, and the answer is XML. The version tells which service is
// meant, so one listener serves both.
//
// It owns how things are spelled, in both directions, and the names and
// statuses of failures. What members there are and what they must satisfy is
// internal/wire's.
package awsquery
