package sigv4

import (
	"testing"
	"time"

	"larder.example/larder"
)

func TestRequestsAreGoodForTheSkewAround(t *testing.T) {
	for _, c := range []struct {
		offset time.Duration
		good   bool
	}{
		{0, true},
		{14 * time.Minute, true},
		{-14 * time.Minute, true},
		{15 * time.Minute, true},
		{-15 * time.Minute, true},
		{16 * time.Minute, false},
		{-16 * time.Minute, false},
		{24 * time.Hour, false},
	} {
		s := inHeaders(t)
		s.Now = clock(testTime.Add(c.offset))
		if err := s.error(); (err == nil) != c.good {
			t.Errorf("%v: got %v, want good: %v", c.offset, err, c.good)
		}
	}
}

func TestPresignedRequestsAreGoodForTheirLifetime(t *testing.T) {
	const week = 7 * 24 * time.Hour
	for _, c := range []struct {
		lifetime, offset time.Duration
		good             bool
	}{
		{time.Second, time.Second, true},
		{time.Second, 2 * time.Second, false},
		{time.Hour, 59 * time.Minute, true},
		{time.Hour, 61 * time.Minute, false},
		{time.Hour, -14 * time.Minute, true},
		{time.Hour, -16 * time.Minute, false},
		{week, week, true},
		{week, week + time.Second, false},
	} {
		r := newRequest(t, "GET", "http://sts.test/?Action=GetCallerIdentity&Version=2011-06-15")
		w := presigned(t, testSigner("sts"), r, c.lifetime, testTime)
		v := newVerifier()
		v.Now = clock(testTime.Add(c.offset))
		if _, err := w.verify(v, "sts"); (err == nil) != c.good {
			t.Errorf("%v after %v: got %v, want good: %v", c.lifetime, c.offset, err, c.good)
		}
	}
}

// The date is in the string to sign, whether the header is signed or not.
func TestDateNeedNotBeASignedHeader(t *testing.T) {
	for _, c := range []struct{ signed, name string }{
		{"host", "X-Amz-Date"},
		{"host;x-amz-date", "X-Amz-Date"},
		{"host", "Date"},
		{"date;host", "Date"},
	} {
		date := testTime.Format(timeFormat)
		r := newRequest(t, "GET", testTarget)
		r.Header.Set(c.name, date)
		signer := testSigner("codeartifact")
		signature, err := signer.signature(r, c.signed, "", date)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", algorithm+" Credential="+signer.credential(date)+",SignedHeaders="+c.signed+",Signature="+signature)
		w := sent(r, "")
		if _, err := w.verify(newVerifier(), "codeartifact"); err != nil {
			t.Errorf("%s, %s: %v", c.name, c.signed, err)
		}
		later := testTime.Add(time.Second).Format(timeFormat)
		_, err = w.set(c.name, later).verify(newVerifier(), "codeartifact")
		if _, code, _ := refusal(err); code != larder.CodeInvalidSignature {
			t.Errorf("%s, %s, a second later: got %v, want %s", c.name, c.signed, err, larder.CodeInvalidSignature)
		}
	}
}

// The Go SDK presigns without a lifetime unless it is told one.
func TestPresignedRequestWithoutLifetimeIsGoodForTheSkew(t *testing.T) {
	r := newRequest(t, "GET", "http://sts.test/?Action=GetCallerIdentity&Version=2011-06-15")
	s := testSigner("sts")
	r.URL.RawQuery += "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDTEST%2F20261122%2Feu-central-1%2Fsts%2Faws4_request" +
		"&X-Amz-Date=20261122T024815Z&X-Amz-SignedHeaders=host"
	signature, err := s.signature(r, "host", "", "20261122T024815Z")
	if err != nil {
		t.Fatal(err)
	}
	r.URL.RawQuery += "&X-Amz-Signature=" + signature
	for offset, good := range map[time.Duration]bool{14 * time.Minute: true, 16 * time.Minute: false} {
		v := newVerifier()
		v.Now = clock(testTime.Add(offset))
		if _, err := sent(r, "").verify(v, "sts"); (err == nil) != good {
			t.Errorf("%v: got %v, want good: %v", offset, err, good)
		}
	}
}

// A key that leaked for a day is no key for the next: the scope's date must
// be that of the request, whatever the key was derived for.
func TestKeyOfADaySignsNoOtherDay(t *testing.T) {
	s := inHeaders(t)
	tomorrow := testTime.AddDate(0, 0, 1)
	header("X-Amz-Date", tomorrow.Format(timeFormat))(t, s)
	s.Now = clock(tomorrow)
	_, code, message := refusal(s.error())
	const want = "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: " +
		"'20261122' != '20261123', from '20261123T024815Z'. "
	if code != larder.CodeInvalidSignature || message != want {
		t.Errorf("got %s %q, want %s %q", code, message, larder.CodeInvalidSignature, want)
	}
}

func TestRegionsOfScopes(t *testing.T) {
	for _, c := range []struct {
		service, region string
		further         map[string][]string
		good            bool
	}{
		{"codeartifact", testRegion, nil, true},
		{"codeartifact", "us-east-1", nil, false},
		{"larder", "us-east-1", nil, false},
		{"iam", testRegion, nil, true},
		{"iam", "us-east-1", nil, true},
		{"sts", "aws-global", nil, true},
		{"sts", "eu-west-1", nil, false},
		{"iam", "", nil, false},
		{"iam", "", map[string][]string{"iam": {""}}, true}, // botocore with neither a region nor AWS's endpoint
		{"sts", "us-east-1", map[string][]string{"iam": {""}}, false},
	} {
		signer := testSigner(c.service)
		signer.Region = c.region
		v := newVerifier()
		v.Regions = c.further
		res, err := signed(t, signer, newRequest(t, "POST", "http://registry.test/"), "", testTime).verify(v, c.service)
		if (err == nil) != c.good {
			t.Errorf("%s in %q: got %v, want good: %v", c.service, c.region, err, c.good)
		}
		if want := (Scope{"20261122", c.region, c.service}); err == nil && res.Scope != want {
			t.Errorf("got %+v, want %+v", res.Scope, want)
		}
	}
}

func TestSessionTokenReachesTheKeySource(t *testing.T) {
	signer := testSigner("sts")
	signer.SessionToken = "a/session+token="
	r := newRequest(t, "GET", "http://sts.test/?Action=GetCallerIdentity&Version=2011-06-15")
	for form, w := range map[string]wire{
		"headers":   signed(t, signer, r.Clone(t.Context()), "", testTime),
		"presigned": presigned(t, signer, r.Clone(t.Context()), time.Hour, testTime),
	} {
		v := newVerifier()
		v.Keys = oneKey(testID, testSecret, signer.SessionToken)
		if _, err := w.verify(v, "sts"); err != nil {
			t.Errorf("%s: %v", form, err)
		}
		if _, err := w.add("X-Amz-Security-Token", signer.SessionToken).verify(v, "sts"); (err == nil) != (form == "presigned") {
			t.Errorf("%s with a second token: got %v", form, err)
		}
	}
}
