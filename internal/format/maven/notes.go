package maven

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// notes is what is known of a version beside what its files say.
type notes struct {
	// Wrong are the checksums that were put and did not match, by their
	// files: lib-1.0.jar.sha1.
	Wrong map[string]bool `json:"wrong,omitempty"`

	// Metadata are the digests of the maven-metadata.xml that finished the
	// version, or of the snapshot's that told of the build.
	Metadata *format.Sums `json:"metadata,omitempty"`

	// Again says that further bodies came, which finished nothing. Their
	// digests are not kept: any number may come.
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
	if err != nil || n.Wrong[checksum] != matches {
		return err
	}
	wrong := map[string]any{checksum: true}
	if matches {
		wrong[checksum] = nil
	}
	patch, err := json.Marshal(map[string]any{"wrong": wrong})
	if err != nil {
		return err
	}
	err = x.Registry.Amend(x.R.Context(), x.Package, format.Change{
		Notes: map[string]json.RawMessage{v.Version: patch},
	})
	if larder.Denied.Is(err) {
		return nil
	}
	return err
}

// wrongChecksum is what is said of a version some of whose checksums do not
// match.
func (n notes) wrongChecksum(version string) error {
	if len(n.Wrong) == 0 {
		return nil
	}
	first := slices.Min(slices.Collect(maps.Keys(n.Wrong)))
	return larder.Errorf(larder.Invalid, "Version %s is not published: the checksum %s does not match the file.", version, first)
}
