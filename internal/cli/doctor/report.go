package doctor

import (
	"fmt"
	"io"
)

// Report is what was found so far.
type Report struct {
	Out    io.Writer
	failed bool
}

// OK says that something is as it should be.
func (r *Report) OK(subject, format string, args ...any) { r.line("ok", subject, format, args...) }

// Info says what is neither good nor bad.
func (r *Report) Info(subject, format string, args ...any) { r.line("--", subject, format, args...) }

// Fail says what is wrong.
func (r *Report) Fail(subject, format string, args ...any) {
	r.failed = true
	r.line("FAIL", subject, format, args...)
}

// Failed reports whether anything is wrong.
func (r *Report) Failed() bool { return r.failed }

func (r *Report) line(verdict, subject, format string, args ...any) {
	fmt.Fprintf(r.Out, "%-5s%-12s%s\n", verdict, subject, fmt.Sprintf(format, args...))
}
