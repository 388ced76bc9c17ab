package golden

import (
	"os"
	"path/filepath"
)

// Environment is what all cases run with, beside a home.
func Environment(endpoint string) []string {
	return []string{
		"AWS_ENDPOINT_URL=" + endpoint,
		"AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
		"AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", // AWS's own example
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_MAX_ATTEMPTS=1",
		"AWS_PAGER=",
		"TZ=UTC",
		"LC_ALL=C.UTF-8",
	}
}

// MakeFiles makes a home with files.
func MakeFiles(home string, files []File) error {
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(home, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(f.Text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
