// Package login points package managers at a repository and gives them a
// token. It owns a table with a row for each of them, which says what a login
// runs and which files it changes, and the editors of those files: each
// changes what is ours and keeps every other byte, comments too.
//
// What it is given has been asked of the service already: it makes no calls,
// reads no configuration and resolves no credentials. The tools that "aws
// codeartifact login" knows behave as there, to the byte, but for what
// docs/differences.md lists.
package login
