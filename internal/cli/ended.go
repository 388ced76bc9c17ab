package cli

import "fmt"

// ended is the exit code of a program that was run, or of a protocol that
// says no by one: nothing is left to be told.
type ended int

func (e ended) Error() string { return fmt.Sprintf("exit status %d", int(e)) }
