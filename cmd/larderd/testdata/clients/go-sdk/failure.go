package main

import (
	"errors"
	"fmt"
)

// failed reports, as an error, that err is not a failure of type E, or not
// the one of that type that it has to be.
func failed[E error](what string, err error, expected func(E) bool) error {
	if err == nil {
		return fmt.Errorf("%s: got no failure", what)
	}
	if e, ok := errors.AsType[E](err); !ok || !expected(e) {
		return fmt.Errorf("%s: got %w, want a fitting %T", what, err, e)
	}
	return nil
}

// some expects any failure of the type.
func some[E error](E) bool { return true }
