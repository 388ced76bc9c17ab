// Package sts is the wire contract of those operations of AWS STS that Larder
// serves: a value for each, and the structs that they take and answer, made
// from model.json. In the model, the members of answers stand in the order in
// which the service writes them, which is not that of its published model.
//
// It has no behaviour. internal/control/sts serves the operations.
package sts

//go:generate go run larder.example/larder/tools/apigen .
