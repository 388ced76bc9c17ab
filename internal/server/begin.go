package server

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/registry"
)

// What quickstart makes.
const (
	quickDomain     = "team"
	quickRepository = "app"
	quickUser       = "quickstart"
	quickPolicy     = "arn:aws:iam::aws:policy/AdministratorAccess"
)

// Credentials are an access key, ready to be written for a shell.
type Credentials struct{ KeyID, Secret string }

// Begin makes the first account on an empty store, and returns the path of
// the file that it wrote root's access key to; empty if the store is not
// empty.
func (s *Server) Begin(ctx context.Context, base string) (path string, err error) {
	accounts, err := s.Identity.Accounts(ctx)
	if err != nil || len(accounts) > 0 {
		return "", err
	}
	a, key, secret, err := s.Identity.OpenFirstAccount(ctx)
	if larder.Conflict.Is(err) { // another node was first
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return s.writeRoot(a, key, secret, base)
}

// openAccount makes an account with an access key of its root user, and
// returns the path of the file that it wrote the key to. Nobody is shown it
// again.
func (s *Server) openAccount(ctx context.Context, id, base string) (a identity.Account, path string, err error) {
	a, key, secret, err := s.Identity.OpenAccount(ctx, id)
	if err != nil {
		return a, "", err
	}
	path, err = s.writeRoot(a, key, secret, base)
	return a, path, err
}

func (s *Server) writeRoot(a identity.Account, key identity.AccessKey, secret, base string) (path string, err error) {
	path = filepath.Join(s.config.Data, "root.sh")
	if !a.First {
		path = filepath.Join(s.config.Data, "root-"+a.ID+".sh")
	}
	return path, s.writeEnv(path, Credentials{KeyID: key.ID, Secret: secret}, base)
}

// Quickstart is what was made for someone who wants to begin at once.
type Quickstart struct {
	Account, Domain, Repository, User string
	Env                               string // the file with the credentials
	Fresh                             bool   // false: all of it was there
	Public                            string // where the packages of the world come from; empty: nowhere
}

// Quickstart makes what is missing of an account, a domain, a repository and
// a user who may do everything, and writes DIR/env.sh.
func (s *Server) Quickstart(ctx context.Context, base string) (Quickstart, error) {
	q := Quickstart{Domain: quickDomain, Repository: quickRepository, User: quickUser, Env: filepath.Join(s.config.Data, "env.sh")}
	var err error
	if q.Account, q.Fresh, err = s.quickAccount(ctx); err != nil {
		return q, err
	}
	if err := s.quickRegistry(ctx, q.Account); err != nil {
		return q, err
	}
	app := larder.RepositoryRef{Domain: larder.DomainRef{Owner: q.Account, Name: quickDomain}, Name: quickRepository}
	if err := s.quickUpstreams(ctx, app, q.Account); err != nil {
		return q, err
	}
	q.Public = strings.Join(s.sources(), ", ")
	credentials, err := s.quickCredentials(ctx, q.Account)
	if err != nil {
		return q, err
	}
	return q, s.writeEnv(q.Env, credentials, base)
}

// quickAccount returns the first account, and whether it was made for that.
func (s *Server) quickAccount(ctx context.Context) (id string, made bool, err error) {
	accounts, err := s.Identity.Accounts(ctx)
	if err == nil && len(accounts) == 0 {
		id, err = s.Identity.CreateFirstAccount(ctx)
		if !larder.Conflict.Is(err) {
			return id, true, err
		}
		accounts, err = s.Identity.Accounts(ctx) // another node was first
	}
	if err != nil {
		return "", false, err
	}
	return accounts[0].ID, false, nil
}

func (s *Server) quickRegistry(ctx context.Context, account string) error {
	d := larder.DomainRef{Owner: account, Name: quickDomain}
	if _, err := s.Registry.CreateDomain(ctx, registry.NewDomain{Ref: d}); err != nil && !larder.Conflict.Is(err) {
		return err
	}
	r := larder.RepositoryRef{Domain: d, Name: quickRepository}
	_, err := s.Registry.CreateRepository(ctx, registry.NewRepository{Ref: r, Administrator: account})
	if larder.Conflict.Is(err) {
		return nil
	}
	return err
}

// quickCredentials returns an active access key of the quickstart user, whom
// it makes if need be.
func (s *Server) quickCredentials(ctx context.Context, account string) (Credentials, error) {
	_, err := s.Identity.CreateEntity(ctx, identity.Entity{EntityRef: identity.UserRef(account, quickUser), Path: "/"})
	switch {
	case larder.Conflict.Is(err):
	case err != nil:
		return Credentials{}, err
	default:
		if err := s.Identity.AttachPolicy(ctx, identity.UserRef(account, quickUser), quickPolicy); err != nil {
			return Credentials{}, err
		}
	}
	owner, err := s.Identity.Owner(ctx, account, quickUser)
	if err != nil {
		return Credentials{}, err
	}
	keys, err := s.Identity.AccessKeys(ctx, owner, "", 100)
	if err != nil {
		return Credentials{}, err
	}
	for _, k := range keys {
		if secret, _, err := s.Identity.SigningKey(ctx, k.ID, ""); err == nil {
			return Credentials{KeyID: k.ID, Secret: secret}, nil
		}
	}
	key, secret, err := s.Identity.CreateAccessKey(ctx, owner)
	return Credentials{KeyID: key.ID, Secret: secret}, err
}

// writeEnv writes a file (0600) that makes a shell's AWS tools use the
// credentials against this server.
func (s *Server) writeEnv(path string, c Credentials, base string) error {
	var b strings.Builder
	for _, v := range [...]struct{ name, value string }{
		{"AWS_ACCESS_KEY_ID", c.KeyID},
		{"AWS_SECRET_ACCESS_KEY", c.Secret},
		{"AWS_REGION", s.config.Region},
		{"AWS_DEFAULT_REGION", s.config.Region}, // AWS CLI v1 and boto3 read no other
		{"AWS_ENDPOINT_URL", base},
	} {
		fmt.Fprintf(&b, "export %s='%s'\n", v.name, strings.ReplaceAll(v.value, "'", `'\''`))
	}
	b.WriteString("unset AWS_SESSION_TOKEN AWS_PROFILE\n")
	f, err := os.CreateTemp(filepath.Dir(path), ".env-*") // 0600 from the first byte on
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // after the rename there is none
	if _, err := f.WriteString(b.String()); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
