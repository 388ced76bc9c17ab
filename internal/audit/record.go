package audit

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// appendRecord appends e as one CloudTrail record and a line feed. The
// member names are CloudTrail's.
func appendRecord(b []byte, e *Event, region string) []byte {
	b = append(b, `{"eventVersion":"1.08","userIdentity":`...)
	if e.Details != nil {
		b = appendService(b, e)
	} else {
		b = appendIdentity(b, e.Caller)
	}
	b = append(b, `,"eventTime":"`...)
	b = e.At.UTC().AppendFormat(b, time.RFC3339)
	b = append(b, `","eventSource":"`...)
	b = append(b, e.Service...)
	b = append(b, `.amazonaws.com"`...)
	b = appendMember(b, "eventName", e.Name)
	b = appendMember(b, "awsRegion", region)
	b = appendSource(b, e)
	if e.Code != "" {
		b = appendMember(b, "errorCode", e.Code)
		b = appendMember(b, "errorMessage", e.Message)
	}
	b = append(b, `,"requestParameters":`...)
	b = appendParameters(b, e)
	b = append(b, `,"responseElements":`...)
	b = appendResponse(b, e)
	b = appendAdditional(b, e)
	b = appendMember(b, "requestID", e.ID)
	b = appendMember(b, "eventID", e.ID)
	b = append(b, `,"readOnly":`...)
	b = strconv.AppendBool(b, e.Read)
	if e.Target.DomainOwner != "" {
		b = append(b, `,"resources":[{"accountId":`...)
		b = appendString(b, e.Target.DomainOwner)
		b = append(b, `}]`...)
	}
	b = appendType(b, e)
	b = appendMember(b, "recipientAccountId", e.Caller.Account)
	return append(b, '}', '\n')
}

func appendIdentity(b []byte, i Identity) []byte {
	b = append(b, `{"type":`...)
	b = appendString(b, i.Type)
	for _, m := range [...]struct{ name, value string }{
		{"principalId", i.PrincipalID},
		{"arn", i.ARN},
		{"accountId", i.Account},
		{"accessKeyId", i.KeyID},
		{"userName", i.UserName},
		{"identityProvider", i.Provider},
	} {
		if m.value != "" {
			b = appendMember(b, m.name, m.value)
		}
	}
	if i.Session != nil {
		b = appendSession(b, i.Session)
	}
	return append(b, '}')
}

func appendSession(b []byte, s *Session) []byte {
	b = append(b, `,"sessionContext":{`...)
	if s.Role.ID != "" {
		b = append(b, `"sessionIssuer":{"type":"Role"`...)
		b = appendMember(b, "principalId", s.Role.ID)
		b = appendMember(b, "arn", s.Role.ARN)
		b = appendMember(b, "accountId", s.Role.Account)
		b = appendMember(b, "userName", s.Role.Name)
		b = append(b, '}', ',')
	}
	if s.Provider != "" {
		b = append(b, `"webIdFederationData":{"federatedProvider":`...)
		b = appendString(b, s.Provider)
		b = append(b, `,"attributes":{}},`...)
	}
	b = append(b, `"attributes":{"creationDate":"`...)
	b = s.IssuedAt.UTC().AppendFormat(b, time.RFC3339)
	b = append(b, `","mfaAuthenticated":"false"}`...)
	if s.SourceIdentity != "" {
		b = appendMember(b, "sourceIdentity", s.SourceIdentity)
	}
	return append(b, '}')
}

func appendResponse(b []byte, e *Event) []byte {
	switch {
	case e.Code != "":
	case e.Name == "GetAuthorizationToken":
		return append(b, `{"sessionToken":"HIDDEN_DUE_TO_SECURITY_REASONS"}`...) // as CloudTrail has it
	case e.Response != nil:
		if text, err := json.Marshal(e.Response); err == nil {
			return append(b, text...)
		}
	}
	return append(b, "null"...)
}

func appendParameters(b []byte, e *Event) []byte {
	if e.Params != nil {
		if text, err := json.Marshal(e.Params); err == nil {
			return append(b, text...)
		}
	}
	t := &e.Target
	start := len(b)
	for _, m := range [...]struct{ name, value string }{
		{"domainName", t.Domain},
		{"domainOwner", t.DomainOwner},
		{"repositoryName", t.Repository},
		{"sourceRepositoryName", t.SourceRepository},
		{"destinationRepositoryName", t.DestinationRepository},
		{"packageFormat", t.Format},
		{"packageNamespace", t.Namespace},
		{"packageName", t.Package},
		{"packageVersion", t.Version},
		{"assetName", t.Asset},
		{"packageGroup", t.PackageGroup},
		{"externalConnection", t.ExternalConnection},
		{"resourceArn", t.ResourceARN},
	} {
		if m.value != "" {
			b = appendMember(b, m.name, m.value)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Detail)) {
		if text, err := json.Marshal(e.Detail[name]); err == nil {
			b = append(append(append(append(b, `,"`...), name...), `":`...), text...)
		}
	}
	if len(b) == start {
		return append(b, "null"...)
	}
	b[start] = '{' // instead of the first comma
	return append(b, '}')
}

func appendAdditional(b []byte, e *Event) []byte {
	if e.Method == "" && e.TokenID == "" && e.Refusal == nil {
		return b
	}
	b = append(b, `,"additionalEventData":`...)
	start := len(b)
	if e.Method != "" {
		b = appendMember(b, "httpMethod", e.Method)
		b = appendMember(b, "requestUri", e.Path)
		b = append(b, `,"httpStatus":`...)
		b = strconv.AppendInt(b, int64(e.Status), 10)
	}
	if e.TokenID != "" {
		b = appendMember(b, "bearerTokenId", e.TokenID)
	}
	if e.Refusal != nil {
		if text, err := json.Marshal(e.Refusal); err == nil {
			b = append(append(b, `,"refusal":`...), text...)
		}
	}
	b[start] = '{'
	return append(b, '}')
}

func appendMember(b []byte, name, value string) []byte {
	b = append(b, ',', '"')
	b = append(b, name...)
	b = append(b, '"', ':')
	return appendString(b, value)
}

// appendSource appends where a request came from.
func appendSource(b []byte, e *Event) []byte {
	if e.Details != nil {
		b = appendMember(b, "sourceIPAddress", e.principal())
		return appendMember(b, "userAgent", e.principal())
	}
	b = append(b, `,"sourceIPAddress":"`...)
	if e.Addr.IsValid() {
		b = e.Addr.AppendTo(b)
	}
	b = append(b, '"')
	return appendMember(b, "userAgent", e.Agent)
}

// appendService appends the identity behind what nobody asked for, as
// CloudTrail has it of such events: the service's own.
func appendService(b []byte, e *Event) []byte {
	b = append(b, `{"accountId":`...)
	b = appendString(b, e.Caller.Account)
	b = appendMember(b, "invokedBy", e.principal())
	return append(b, '}')
}

// principal is the service as CloudTrail names it.
func (e *Event) principal() string { return e.Service + ".amazonaws.com" }

// appendType appends what sort of event it is, and the details of one that
// nobody asked for.
func appendType(b []byte, e *Event) []byte {
	if e.Details == nil {
		return append(b, `,"eventType":"AwsApiCall"`...)
	}
	b = append(b, `,"eventType":"AwsServiceEvent"`...)
	if text, err := json.Marshal(e.Details); err == nil {
		b = append(append(b, `,"serviceEventDetails":`...), text...)
	}
	return b
}

// appendString appends s as a JSON string. Requests are full of strangers'
// bytes: what is not UTF-8 becomes U+FFFD.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= 0x20 && c != '"' && c != '\\' {
				i++
				continue
			}
			b = append(b, s[start:i]...)
			if c == '"' || c == '\\' {
				b = append(b, '\\', c)
			} else {
				b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			b = append(b, s[start:i]...)
			b = append(b, "\ufffd"...)
			start = i + 1
		}
		i += size
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}
