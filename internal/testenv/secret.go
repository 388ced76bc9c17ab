package testenv

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// keep notes a secret that nothing may repeat.
func (e *Env) keep(secret string) {
	e.secretMu.Lock()
	defer e.secretMu.Unlock()
	e.secrets = append(e.secrets, secret)
}

// checkSecrets fails the test if the server wrote down what is secret: in its
// log, however verbose, or in the audit trail. It runs when the server is
// closed, so every test with a server is a test of this.
func (e *Env) checkSecrets() {
	written := map[string]string{"the log": e.Log.String()}
	err := filepath.WalkDir(filepath.Join(e.Dir, "audit"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		written[filepath.Base(path)] = string(text)
		return err
	})
	if err != nil {
		e.t.Error(err)
	}
	patterns := map[string]*regexp.Regexp{
		"a token":          regexp.MustCompile(`lr[ds]_[A-Za-z0-9_-]{40}`),
		"a signature":      regexp.MustCompile(`Signature=[0-9a-f]{16}`),
		"a JSON Web Token": regexp.MustCompile(`eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.`),
	}
	for place, text := range written {
		for what, pattern := range patterns {
			if at := pattern.FindStringIndex(text); at != nil {
				e.t.Errorf("%s holds %s: %q", place, what, around(text, at[0]))
			}
		}
		for _, secret := range e.secrets {
			if at := strings.Index(text, secret); at >= 0 {
				e.t.Errorf("%s holds a secret access key: %q", place, around(text, at))
			}
		}
	}
}

func around(text string, at int) string { return text[max(0, at-200):min(len(text), at+60)] }
