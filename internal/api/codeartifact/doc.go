// Package codeartifact is the wire contract of AWS CodeArtifact: a value for
// each of its 48 operations, and the structs that they take and answer, made
// from model.json. The tags carry what the model demands of values;
// internal/wire binds and checks by them.
//
// It has no behaviour. internal/control serves the operations, internal/client
// calls them.
package codeartifact

//go:generate go run larder.example/larder/tools/apigen .
