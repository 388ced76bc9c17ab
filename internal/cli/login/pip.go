package login

import (
	"cmp"
	"context"
	"path/filepath"
)

// pip writes the file itself, and leaves it, with the token in a URL, for all
// to read.
func pip(_ context.Context, h *Host, r *Request) ([]act, error) {
	return []act{{
		argv:   []string{"pip", "config", "set", "global.index-url", parse(r.Endpoint).with(r.Token) + "simple/"},
		secret: pipFiles(h),
	}}, nil
}

// pipFiles returns where pip may keep what it is told.
func pipFiles(h *Host) []string {
	switch config := cmp.Or(h.Getenv("XDG_CONFIG_HOME"), filepath.Join(h.Home, ".config")); h.OS {
	case "windows":
		return []string{filepath.Join(h.Getenv("APPDATA"), "pip", "pip.ini")}
	case "darwin":
		return []string{
			filepath.Join(h.Home, "Library", "Application Support", "pip", "pip.conf"),
			filepath.Join(config, "pip", "pip.conf"), filepath.Join(h.Home, ".pip", "pip.conf"),
		}
	default:
		return []string{filepath.Join(config, "pip", "pip.conf"), filepath.Join(h.Home, ".pip", "pip.conf")}
	}
}
