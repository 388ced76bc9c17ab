package maven

import (
	"encoding/json"
	"fmt"
	"slices"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// notes is what is known of a version beside what its files say.
type notes struct {
	// Mismatched are the checksums that were put and were wrong, by their
	// files: lib-1.0.jar.sha1.
	Mismatched []string `json:"mismatched,omitempty"`

	// Metadata are the digests of the maven-metadata.xml that finished the
	// version, or of the snapshot's that told of the build.
	Metadata *format.Sums `json:"metadata,omitempty"`

	// Again says that further bodies came, which finished nothing. Nobody
	// knows their digests: what several deploys at once noted of one version
	// would get lost.
	Again bool `json:"again,omitempty"`
}

func notesOf(v format.Version) (n notes, err error) {
	if v.Notes == nil {
		return n, nil
	}
	if err := json.Unmarshal(v.Notes, &n); err != nil {
		return n, fmt.Errorf("read notes of version %s: %w", v.Version, err)
	}
	return n, nil
}

func (n notes) encode() json.RawMessage {
	text, err := json.Marshal(n)
	if err != nil {
		return nil // of strings alone
	}
	return text
}

// remember notes of an Unfinished version that a checksum was wrong, or that
// it now is right. Whoever may not do that gets no version finished by
// putting metadata either.
func remember(x *format.Exchange, v *format.Version, checksum string, matches bool) error {
	if v.Status != larder.Unfinished {
		return nil
	}
	n, err := notesOf(*v)
	if err != nil {
		return err
	}
	i := slices.Index(n.Mismatched, checksum)
	switch {
	case matches == (i < 0):
		return nil
	case matches:
		n.Mismatched = slices.Delete(n.Mismatched, i, i+1)
	default:
		n.Mismatched = append(n.Mismatched, checksum)
	}
	err = x.Registry.Amend(x.R.Context(), x.Package, format.Change{
		Notes: map[string]json.RawMessage{v.Version: n.encode()},
	})
	if larder.Denied.Is(err) {
		return nil
	}
	return err
}

// wrongChecksum is what is said of a version some of whose checksums do not
// match.
func (n notes) wrongChecksum(version string) error {
	if len(n.Mismatched) == 0 {
		return nil
	}
	return larder.Errorf(larder.Invalid, "Version %s is not published: the checksum %s does not match the file.", version, n.Mismatched[0])
}
