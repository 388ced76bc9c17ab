// Package iam is the wire contract of those operations of AWS IAM that Larder
// serves: a value for each, and the structs that they take and answer, made
// from model.json. Policy documents are plain text in them; that IAM
// percent-encodes those in its answers is internal/wire's business.
//
// It has no behaviour. internal/control/iam serves the operations.
package iam

//go:generate go run larder.example/larder/tools/apigen .
