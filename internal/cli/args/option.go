package args

import (
	"fmt"

	"larder.example/larder/internal/cli/value"
)

// Kind says what an option takes.
type Kind uint8

// The kinds of option.
const (
	Text   Kind = iota // one string
	Number             // one integer, as Python's int reads it
	Flag               // nothing; it is then set
	Unset              // nothing; what Sets names is then unset
	Texts              // any number of strings
	Maybe              // one string, or none, which stands for the first choice
)

// Option is an option of a command, or one of its words.
type Option struct {
	Name     string // without dashes
	Sets     string // the name under which its value is found; empty is Name
	Kind     Kind
	Choices  []string // nil allows all
	Required bool
	Word     bool // it is told by its place and not by its name
	Help     string
	Hidden   bool // accepted, and not spoken of
}

// Flag returns the option as it is typed.
func (o *Option) flag() string {
	if o.Word {
		return o.Name
	}
	return "--" + o.Name
}

func (o *Option) key() string {
	if o.Sets != "" {
		return o.Sets
	}
	return o.Name
}

// Error is a command line that cannot be read.
type Error struct{ Message string }

func (e *Error) Error() string { return e.Message }

func errorf(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// wrong says what is wrong with the value of an option.
func (o *Option) wrong(format string, args ...any) error {
	return errorf("argument %s: %s", o.flag(), fmt.Sprintf(format, args...))
}

// Values holds what a command line said, by option.
type Values map[string]any

// Given reports whether the command line had the option.
func (v Values) Given(name string) bool { return v[name] != nil }

// Text returns the string of an option; empty if it was not given.
func (v Values) Text(name string) string {
	s, _ := v[name].(string)
	return s
}

// Texts returns the strings of an option.
func (v Values) Texts(name string) []string {
	s, _ := v[name].([]string)
	return s
}

// Set reports whether a flag was set.
func (v Values) Set(name string) bool {
	b, _ := v[name].(bool)
	return b
}

// take stores what an option was given.
func (v Values) take(o *Option, words []string) error {
	switch o.Kind {
	case Flag:
		v[o.key()] = true
		return nil
	case Unset:
		v[o.key()] = false
		return nil
	case Texts:
		v[o.key()] = append([]string{}, words...)
		return nil
	case Text, Number, Maybe:
	}
	var word string
	if len(words) > 0 {
		word = words[0]
	} else if o.Choices != nil {
		word = o.Choices[0]
	}
	if o.Kind == Number {
		n, ok := value.Int(word)
		if !ok {
			return o.wrong("invalid int value: %s", value.Repr(word))
		}
		v[o.key()] = n
		return nil
	}
	if o.Choices != nil {
		if err := o.choose(word); err != nil {
			return err
		}
	}
	v[o.key()] = word
	return nil
}

func (o *Option) choose(word string) error {
	for _, c := range o.Choices {
		if c == word {
			return nil
		}
	}
	text := "Found invalid choice " + value.Repr(word) + "\n"
	if near := closest(word, o.Choices); len(near) > 0 {
		text += "\nMaybe you meant:\n"
		for _, c := range near {
			text += "\n  * " + c
		}
	}
	return o.wrong("%s", text)
}
