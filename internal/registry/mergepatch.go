package registry

import (
	"bytes"
	"encoding/json"
)

// mergePatch returns target, which may be empty, as a merge patch (RFC 7396)
// changes it; nil if nothing is left.
func mergePatch(target, patch json.RawMessage) (json.RawMessage, error) {
	patch = bytes.TrimSpace(patch)
	if len(patch) == 0 || patch[0] != '{' {
		if bytes.Equal(patch, []byte("null")) {
			return nil, nil
		}
		return patch, nil
	}
	var changes, members map[string]json.RawMessage
	if err := json.Unmarshal(patch, &changes); err != nil {
		return nil, err
	}
	if target = bytes.TrimSpace(target); len(target) > 0 && target[0] == '{' {
		if err := json.Unmarshal(target, &members); err != nil {
			return nil, err
		}
	}
	if members == nil {
		members = map[string]json.RawMessage{}
	}
	for name, change := range changes {
		member, err := mergePatch(members[name], change)
		if err != nil {
			return nil, err
		}
		if member == nil {
			delete(members, name)
		} else {
			members[name] = member
		}
	}
	return json.Marshal(members)
}
