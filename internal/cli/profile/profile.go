// Package profile reads the configuration that users keep for the AWS CLI:
// ~/.aws/config and ~/.aws/credentials with their profiles, SSO sessions and
// services. It reads as botocore reads, which is as Python's configparser does.
// What the values mean is for others to say, and it writes nothing.
package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Files is what the two files say. The zero value says nothing.
type Files struct {
	profiles map[string]Profile
	sessions map[string]map[string]string
	services map[string]map[string]string
}

// Profile is one profile. Of keys that both files have, the credentials file's
// count.
type Profile struct {
	Values map[string]string
	// Static are the keys that the credentials file has: where static keys are
	// written decides when they count.
	Static map[string]string
	// Config are those of the config file.
	Config map[string]string
}

// ParseError is a file that is no configuration. Its words are the AWS CLI's.
type ParseError struct {
	File string
	Err  error
}

func (e *ParseError) Error() string { return "Unable to parse config file: " + e.File }
func (e *ParseError) Unwrap() error { return e.Err }

// Load reads the two files, each of which may be absent.
func Load(config, credentials string) (*Files, error) {
	f := &Files{profiles: map[string]Profile{}, sessions: map[string]map[string]string{}, services: map[string]map[string]string{}}
	sections, err := read(config)
	if err != nil {
		return nil, err
	}
	for _, s := range sections {
		f.addConfig(s)
	}
	if sections, err = read(credentials); err != nil {
		return nil, err
	}
	for _, s := range sections {
		f.addCredentials(s)
	}
	return f, nil
}

func read(file string) ([]section, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) || file == "" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("Unable to read config file: %w", err) //nolint:staticcheck // as the AWS CLI words the other failure
	}
	sections, err := parseINI(string(text))
	if err != nil {
		return nil, &ParseError{file, err}
	}
	return sections, nil
}

func (f *Files) addConfig(s section) {
	kind, name, named := strings.Cut(strings.TrimSpace(s.name), " ")
	name = strings.Trim(strings.TrimSpace(name), `"'`)
	switch {
	case !named && kind == "default", kind == "profile" && name != "":
		if name == "" {
			name = kind
		}
		p := Profile{Values: map[string]string{}, Static: map[string]string{}, Config: s.values}
		for k, v := range s.values {
			p.Values[k] = v
		}
		f.profiles[name] = p
	case kind == "sso-session" && named:
		f.sessions[name] = s.values
	case kind == "services" && named:
		f.services[name] = s.values
	}
}

func (f *Files) addCredentials(s section) {
	p, ok := f.profiles[s.name]
	if !ok {
		p = Profile{Values: map[string]string{}, Config: map[string]string{}}
	}
	p.Static = s.values
	for k, v := range s.values {
		p.Values[k] = v
	}
	f.profiles[s.name] = p
}

// Profile returns the profile of that name, and whether there is one.
func (f *Files) Profile(name string) (Profile, bool) {
	p, ok := f.profiles[name]
	return p, ok
}

// Session returns the values of an SSO session, and whether there is one.
func (f *Files) Session(name string) (map[string]string, bool) {
	s, ok := f.sessions[name]
	return s, ok
}

// Service returns what the services section that a profile names says of one
// service.
func (f *Files) Service(section, service string) map[string]string {
	return nested(f.services[section][service])
}
