package archive

import (
	"errors"
	"io"
	"strings"

	"larder.example/larder"
)

// Entry is what an archive holds under one name.
type Entry struct {
	Name string // as the archive spells it
	Kind Kind
	Flaw Flaw  // what is wrong with it; empty for nothing
	Size int64 // of Body, as the archive says; Body holds it to that

	// Body yields the bytes of a File, or where a Symlink or Hardlink points.
	// It is empty for other kinds, and good only until visit returns.
	Body io.Reader
}

// Kind is what an entry would become if it were unpacked.
type Kind int

// The kinds of entries.
const (
	File Kind = iota
	Dir
	Symlink
	Hardlink
	Special // a device, a pipe, or a type that is not known
)

func (k Kind) String() string {
	return [...]string{"file", "directory", "symbolic link", "hard link", "special file"}[k]
}

// Flaw is what makes an entry dangerous to unpack, or unlike what other
// programs see. An entry shows its worst: one that has the flaw Backslash has
// none of those before it, even if \ separates directories.
type Flaw string

// The flaws, worst first.
const (
	NoName    Flaw = "has no name"
	NUL       Flaw = "has a NUL in its name"
	Absolute  Flaw = "has an absolute name"
	Parent    Flaw = "has .. in its name"
	Backslash Flaw = `has a \ in its name`
	Sparse    Flaw = "is a sparse file" // npm reads the map of its holes as content
)

// Check returns larder.Invalid if the entry has a flaw, or is neither a file
// nor a directory: for callers that refuse what they would not unpack.
func (e Entry) Check() error {
	switch {
	case e.Flaw != "":
		return larder.Errorf(larder.Invalid, "The archive's entry %s %s.", short(e.Name), e.Flaw)
	case e.Kind != File && e.Kind != Dir:
		return larder.Errorf(larder.Invalid, "The archive's entry %s is a %s.", short(e.Name), e.Kind)
	}
	return nil
}

// Bytes reads the body, which must not have more than most bytes.
func (e Entry) Bytes(most int64) ([]byte, error) {
	if e.Size > most {
		return nil, e.tooLarge(most)
	}
	b, err := io.ReadAll(io.LimitReader(e.Body, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > most {
		return nil, e.tooLarge(most)
	}
	return b, nil
}

func (e Entry) tooLarge(most int64) error {
	return larder.Errorf(larder.Invalid, "The archive's entry %s is larger than %s.", short(e.Name), amount(most))
}

// flawOf judges a name. A drive letter makes it absolute on Windows.
func flawOf(name string) Flaw {
	slashed := strings.ReplaceAll(name, `\`, "/")
	switch {
	case name == "":
		return NoName
	case strings.Contains(name, "\x00"):
		return NUL
	case slashed[0] == '/', len(name) >= 2 && name[1] == ':' && isLetter(name[0]):
		return Absolute
	case hasParent(slashed):
		return Parent
	case slashed != name:
		return Backslash
	}
	return ""
}

func hasParent(name string) bool {
	for segment := range strings.SplitSeq(name, "/") {
		if segment == ".." {
			return true
		}
	}
	return false
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// damaged returns err as larder.Invalid, unless it is that already.
func damaged(err error) error {
	var e *larder.Error
	switch {
	case errors.As(err, &e):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &larder.Error{Kind: larder.Invalid, Message: "The archive is truncated.", Err: err}
	default:
		return &larder.Error{Kind: larder.Invalid, Message: "The archive is damaged: " + err.Error() + ".", Err: err}
	}
}
