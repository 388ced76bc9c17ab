package blob

import (
	"errors"
	"fmt"
	"syscall"

	"larder.example/larder"
)

// ErrFull is in the chain of every error that came of a full disk or a used
// up quota.
var ErrFull = errors.New("no space is left")

// Full returns err as larder.Unavailable and [ErrFull] if the disk being full
// is its reason, else err itself.
func Full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return full(err)
	}
	return err
}

func full(why error) error {
	return &larder.Error{
		Kind:    larder.Unavailable,
		Code:    larder.CodeStorageFull,
		Message: "The registry's storage is full.",
		Err:     fmt.Errorf("%w: %w", ErrFull, why),
	}
}
