package policy

import "slices"

// Federation is a statement of a trust policy that lets users of identity
// providers assume the role.
type Federation struct {
	Providers  []string // as the policy names them
	Conditions []Condition
}

// Condition is one comparison of a statement, as written.
type Condition struct {
	Operator, Key string
	Values        []string
}

// Federations returns the statements of a trust policy that let users of
// identity providers in. It is for checks of what people mean to store;
// nothing is decided by it.
func Federations(document []byte) ([]Federation, error) {
	r, err := read(document)
	if err != nil {
		return nil, err
	}
	d := source{kind: Trust}
	if err := d.read(r); err != nil {
		return nil, err
	}
	var all []Federation
	for i := range d.statements {
		st := &d.statements[i]
		if st.effect != "Allow" || st.principal == nil || len(st.principal.federated) == 0 {
			continue
		}
		f := Federation{Providers: slices.Clone(st.principal.federated)}
		for _, c := range st.conditions {
			f.Conditions = append(f.Conditions, Condition{c.operator, c.key, c.values})
		}
		all = append(all, f)
	}
	return all, nil
}
