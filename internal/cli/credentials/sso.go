package credentials

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha1" //nolint:gosec // a name for a file, and the AWS CLI's
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"larder.example/larder/internal/cli/profile"
	"larder.example/larder/internal/cli/value"
)

var errSSOExpired = errors.New("The SSO session associated with this profile has expired or is otherwise invalid. To refresh this SSO session run aws sso login with the corresponding profile.") //nolint:staticcheck // botocore's words

// ssoProfile is what a profile says of SSO.
type ssoProfile struct{ session, start, region, account, role string }

// sso exchanges the token of an SSO session, which "aws sso login" got, for
// the keys of a role.
func (c *Chain) sso(ctx context.Context, p profile.Profile) (Keys, error) {
	s := ssoProfile{
		session: p.Values["sso_session"], start: p.Values["sso_start_url"], region: p.Values["sso_region"],
		account: p.Values["sso_account_id"], role: p.Values["sso_role_name"],
	}
	if s.account == "" || s.role == "" || s.session == "" && s.start == "" {
		return Keys{}, nil
	}
	if s.session != "" {
		values, found := c.Files.Session(s.session)
		if !found {
			return Keys{}, fmt.Errorf("The specified sso-session does not exist: \"%s\"", s.session) //nolint:staticcheck // botocore's words
		}
		s.start, s.region = values["sso_start_url"], values["sso_region"]
	}
	file := c.cacheFile(value.Compact(s.cacheKey()))
	if k, ok := c.cached(file, "the SSO role "+s.role); ok {
		return k, nil
	}
	token, err := c.ssoToken(ctx, s)
	if err != nil {
		return Keys{}, err
	}
	return c.ssoRole(ctx, s, token, file)
}

func (s ssoProfile) cacheKey() *value.Object {
	o := value.NewObject(value.Member{Key: "accountId", Value: s.account}, value.Member{Key: "roleName", Value: s.role})
	if s.session != "" {
		o.Set("sessionName", s.session)
	} else {
		o.Set("startUrl", s.start)
	}
	return o
}

func (c *Chain) ssoToken(ctx context.Context, s ssoProfile) (string, error) {
	sum := sha1.Sum([]byte(cmp.Or(s.session, s.start))) //nolint:gosec // as above
	file := filepath.Join(c.Home, ".aws", "sso", "cache", hex.EncodeToString(sum[:])+".json")
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("Error loading SSO Token: Token for %s does not exist", cmp.Or(s.session, s.start)) //nolint:staticcheck // botocore's words
	}
	v, _ := value.ParseJSON(string(text))
	o, _ := v.(*value.Object)
	token := o.Text("accessToken")
	expires, err := parseTime(o.Text("expiresAt"))
	if token == "" || err != nil {
		return "", fmt.Errorf("Error loading SSO Token: Token for %s is invalid.", cmp.Or(s.session, s.start)) //nolint:staticcheck // botocore's words
	}
	left := expires.Sub(c.Now())
	if left < renewal && s.session != "" && o.Text("refreshToken") != "" {
		if renewed, err := c.renewSSO(ctx, s, o, file); err == nil {
			return renewed, nil
		}
	}
	if left <= 0 {
		return "", errSSOExpired
	}
	return token, nil
}

// renewSSO gets another token for the session and keeps it where the AWS CLI
// does.
func (c *Chain) renewSSO(ctx context.Context, s ssoProfile, o *value.Object, file string) (string, error) {
	body := value.NewObject(value.Member{Key: "grantType", Value: "refresh_token"})
	for _, name := range [...]string{"clientId", "clientSecret", "refreshToken"} {
		body.Set(name, o.Text(name))
	}
	answer, err := c.fetch(ctx, http.MethodPost, c.ssoAddress("sso_oidc", "oidc", s.region)+"/token", nil, []byte(value.Dumps(body)))
	if err != nil {
		return "", err
	}
	token := answer.Text("accessToken")
	seconds, _ := answer.Get("expiresIn")
	n, _ := seconds.(int64)
	if token == "" {
		return "", errSSOExpired
	}
	o.Set("accessToken", token)
	o.Set("expiresAt", c.Now().Add(time.Duration(n)*time.Second).UTC().Format("2006-01-02T15:04:05Z"))
	o.Set("refreshToken", cmp.Or(answer.Text("refreshToken"), o.Text("refreshToken")))
	return token, writePrivately(file, []byte(value.Dumps(o)))
}

func (c *Chain) ssoAddress(service, host, region string) string {
	if c.Endpoint != nil {
		if u := c.Endpoint(service); u != "" {
			return u
		}
	}
	return "https://" + host + "." + region + ".amazonaws.com"
}

func (c *Chain) ssoRole(ctx context.Context, s ssoProfile, token, file string) (Keys, error) {
	u := c.ssoAddress("sso", "portal.sso", s.region) + "/federation/credentials?" +
		url.Values{"role_name": {s.role}, "account_id": {s.account}}.Encode()
	answer, err := c.fetch(ctx, http.MethodGet, u, http.Header{"X-Amz-Sso_bearer_token": {token}}, nil)
	if err != nil {
		return Keys{}, err
	}
	v, _ := answer.Get("roleCredentials")
	o, _ := v.(*value.Object)
	at, _ := o.Get("expiration")
	millis, _ := at.(int64)
	kept := value.NewObject(
		value.Member{Key: "ProviderType", Value: "sso"},
		value.Member{Key: "Credentials", Value: value.NewObject(
			value.Member{Key: "AccessKeyId", Value: o.Text("accessKeyId")},
			value.Member{Key: "SecretAccessKey", Value: o.Text("secretAccessKey")},
			value.Member{Key: "SessionToken", Value: o.Text("sessionToken")},
			value.Member{Key: "Expiration", Value: time.UnixMilli(millis).UTC().Format("2006-01-02T15:04:05Z")},
			value.Member{Key: "AccountId", Value: s.account},
		)})
	k, ok := keysOf(kept, "the SSO role "+s.role)
	if !ok {
		return Keys{}, retrieval("sso", "the answer has no credentials")
	}
	keep(file, kept)
	return k, nil
}

// fetch sends a request and reads the JSON object that it is answered with.
func (c *Chain) fetch(ctx context.Context, method, address string, h http.Header, body []byte) (*value.Object, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, values := range h {
		r.Header[name] = values
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	const most = 1 << 20
	text, err := io.ReadAll(io.LimitReader(res.Body, most))
	if err != nil {
		return nil, err
	}
	if res.StatusCode == http.StatusUnauthorized {
		return nil, errSSOExpired
	}
	v, err := value.ParseJSON(string(text))
	o, ok := v.(*value.Object)
	if res.StatusCode/100 != 2 || err != nil || !ok {
		return nil, fmt.Errorf("%s answered %s", r.URL.Host, res.Status)
	}
	return o, nil
}

// login takes the keys that "aws login" got. Renewing them needs a proof of
// possession that only it can give.
func (c *Chain) login(p profile.Profile) (Keys, error) {
	session := p.Values["login_session"]
	if session == "" {
		return Keys{}, nil
	}
	sum := sha256.Sum256([]byte(session))
	text, err := os.ReadFile(filepath.Join(cmp.Or(c.Getenv("AWS_LOGIN_CACHE_DIRECTORY"), filepath.Join(c.Home, ".aws", "login", "cache")), hex.EncodeToString(sum[:])+".json"))
	if err != nil {
		return Keys{}, retrieval("login", "there is no token of the session; run aws login")
	}
	v, _ := value.ParseJSON(string(text))
	o, _ := v.(*value.Object)
	v, _ = o.Get("accessToken")
	token, _ := v.(*value.Object)
	k := Keys{ID: token.Text("accessKeyId"), Secret: token.Text("secretAccessKey"), Token: token.Text("sessionToken"), Source: "aws login"}
	if k.Expires, err = parseTime(token.Text("expiresAt")); err != nil || !k.Expires.After(c.Now()) || k.ID == "" {
		return Keys{}, retrieval("login", "the session has expired; run aws login")
	}
	return k, nil
}
