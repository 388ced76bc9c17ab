package policy_test

import (
	"testing"

	"larder.example/larder/internal/policy"
)

// keys are those that the conditions below are put to.
func keys() policy.Values {
	k := policy.Values{}
	for key, values := range map[string][]string{
		"aws:username":             {"alice"},
		"aws:PrincipalTag/team":    {"web"},
		"aws:PrincipalTag/Empty":   {""},
		"aws:PrincipalTag/pattern": {"w*"},
		"aws:PrincipalTag/cost":    {"a/b:c"},
		"aws:TagKeys":              {"team", "cost"},
		"aws:CurrentTime":          {"2026-11-24T13:00:00Z"},
		"aws:EpochTime":            {"1795525200"},
		"aws:SecureTransport":      {"true"},
		"aws:SourceIp":             {"203.0.113.7"},
		"aws:SourceVpcIp":          {"2001:db8:1234:5678::1"},
		"aws:PrincipalArn":         {"arn:aws:iam::111122223333:role/path/dev"},
		"sts:DurationSeconds":      {"43200"},
		"x:big":                    {"900719925474099312345"},
		"x:fraction":               {"-0.50"},
		"x:bytes":                  {"BinaryValueInBase64"},
		"x:none":                   {},
		"x:blank":                  {""},
	} {
		k.Set(key, values...)
	}
	return k
}

// holds reports whether a condition lets an Allow, and a Deny, apply.
func holds(t *testing.T, version, condition string) (allow, deny bool) {
	t.Helper()
	decide := func(effect string) policy.Decision {
		p := parse(t, policy.Identity, `{"Version":"`+version+`","Statement":{"Effect":"`+effect+`","Action":"*","Resource":"*","Condition":`+condition+`}}`)
		return policy.Decide(read(alice, keys()), &policy.Set{Identity: []*policy.Policy{p}, SameAccount: true})
	}
	return decide("Allow").Allowed, decide("Deny").Reason == policy.Forbidden
}

func TestConditions(t *testing.T) {
	for _, tt := range []struct {
		claim     string
		condition string
		want      bool
	}{
		{"equal strings", `{"StringEquals":{"aws:username":"alice"}}`, true},
		{"case counts", `{"StringEquals":{"aws:username":"Alice"}}`, false},
		{"no wildcards in StringEquals", `{"StringEquals":{"aws:username":"a*"}}`, false},
		{"values are alternatives", `{"StringEquals":{"aws:username":["bob","alice"]}}`, true},
		{"keys must all match", `{"StringEquals":{"aws:username":"alice","aws:PrincipalTag/team":"db"}}`, false},
		{"operators must all match", `{"StringEquals":{"aws:username":"alice"},"StringLike":{"aws:PrincipalTag/team":"d*"}}`, false},
		{"keys of any case", `{"StringEquals":{"AWS:UserName":"alice"}}`, true},
		{"tags of their own case", `{"StringEquals":{"aws:PrincipalTag/Team":"web"}}`, false},
		{"unequal strings", `{"StringNotEquals":{"aws:username":"bob"}}`, true},
		{"equal to none of several", `{"StringNotEquals":{"aws:username":["bob","alice"]}}`, false},
		{"regardless of case", `{"StringEqualsIgnoreCase":{"aws:username":"ALICE"}}`, true},
		{"unequal regardless of case", `{"StringNotEqualsIgnoreCase":{"aws:username":"ALICE"}}`, false},
		{"any text", `{"StringLike":{"aws:username":"*"}}`, true},
		{"any text around", `{"StringLike":{"aws:username":"*lic*"}}`, true},
		{"one character", `{"StringLike":{"aws:username":"al?ce"}}`, true},
		{"one character is not none", `{"StringLike":{"aws:username":"alice?"}}`, false},
		{"wildcards are needed for a part", `{"StringLike":{"aws:username":"ali"}}`, false},
		{"StringLike minds case", `{"StringLike":{"aws:username":"A*"}}`, false},
		{"unlike", `{"StringNotLike":{"aws:username":["b*","c*"]}}`, true},
		{"like one of those", `{"StringNotLike":{"aws:username":["b*","a*"]}}`, false},
		{"a number where text is meant", `{"StringEquals":{"sts:DurationSeconds":43200}}`, true},

		{"equal numbers", `{"NumericEquals":{"sts:DurationSeconds":"43200"}}`, true},
		{"equal numbers, otherwise written", `{"NumericEquals":{"sts:DurationSeconds":"043200.0"}}`, true},
		{"unequal numbers", `{"NumericNotEquals":{"sts:DurationSeconds":"900"}}`, true},
		{"less", `{"NumericLessThan":{"sts:DurationSeconds":"43200"}}`, false},
		{"less or equal", `{"NumericLessThanEquals":{"sts:DurationSeconds":"43200"}}`, true},
		{"greater", `{"NumericGreaterThan":{"sts:DurationSeconds":43199.5}}`, true},
		{"greater or equal", `{"NumericGreaterThanEquals":{"sts:DurationSeconds":"43201"}}`, false},
		{"greater than one of several", `{"NumericGreaterThan":{"sts:DurationSeconds":["99999","900"]}}`, true},
		{"numbers longer than a float's", `{"NumericEquals":{"x:big":"900719925474099312344"}}`, false},
		{"negative fractions", `{"NumericEquals":{"x:fraction":"0.5"}}`, false},
		{"negative fractions, in full", `{"NumericEquals":{"x:fraction":"-0.5"}}`, true},
		{"negative is less", `{"NumericLessThan":{"x:fraction":"-0.25"}}`, true},

		{"the same instant", `{"DateEquals":{"aws:CurrentTime":"2026-11-24T14:00:00+01:00"}}`, true},
		{"another instant", `{"DateNotEquals":{"aws:CurrentTime":"2026-11-24T13:00:01Z"}}`, true},
		{"before a year", `{"DateLessThan":{"aws:CurrentTime":"2027"}}`, true},
		{"before a month", `{"DateLessThan":{"aws:CurrentTime":"2026-11"}}`, false},
		{"after a day", `{"DateGreaterThan":{"aws:CurrentTime":"2026-11-24"}}`, true},
		{"at a minute", `{"DateLessThanEquals":{"aws:CurrentTime":"2026-11-24T13:00Z"}}`, true},
		{"before a fraction", `{"DateLessThan":{"aws:CurrentTime":"2026-11-24T13:00:00.5Z"}}`, true},
		{"seconds since 1970", `{"DateGreaterThanEquals":{"aws:CurrentTime":"1795525200"}}`, true},
		{"seconds in the request", `{"DateEquals":{"aws:EpochTime":"2026-11-24T13:00:00Z"}}`, true},

		{"true", `{"Bool":{"aws:SecureTransport":"true"}}`, true},
		{"true in other words", `{"Bool":{"aws:SecureTransport":["TRUE",false]}}`, true},
		{"false", `{"Bool":{"aws:SecureTransport":false}}`, false},
		{"bytes in base64", `{"BinaryEquals":{"x:bytes":"QmluYXJ5VmFsdWVJbkJhc2U2NA=="}}`, true},
		{"other bytes", `{"BinaryEquals":{"x:bytes":"QmluYXJ5"}}`, false},

		{"an address in a range", `{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`, true},
		{"the range of an address", `{"IpAddress":{"aws:SourceIp":"203.0.113.99/24"}}`, true},
		{"an address alone", `{"IpAddress":{"aws:SourceIp":"203.0.113.7"}}`, true},
		{"another address", `{"IpAddress":{"aws:SourceIp":"203.0.113.8"}}`, false},
		{"every address of four", `{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}`, true},
		{"four is not six", `{"IpAddress":{"aws:SourceIp":"::/0"}}`, false},
		{"four in six's clothes", `{"IpAddress":{"aws:SourceIp":"::ffff:203.0.113.0/120"}}`, true},
		{"both families", `{"IpAddress":{"aws:SourceVpcIp":["203.0.113.0/24","2001:DB8:1234:5678::/64"]}}`, true},
		{"outside of all", `{"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8","2001:db8::/32"]}}`, true},
		{"inside of one", `{"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8","203.0.113.0/24"]}}`, false},

		{"an ARN", `{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/path/dev"}}`, true},
		{"ArnEquals takes wildcards", `{"ArnEquals":{"aws:PrincipalArn":"arn:*:iam::*:role/*/d?v"}}`, true},
		{"a star ends at a colon", `{"ArnLike":{"aws:PrincipalArn":"arn:aws:*:role/path/dev:*:*"}}`, false},
		{"in StringLike it does not", `{"StringLike":{"aws:PrincipalArn":"arn:aws:*:role/path/dev"}}`, true},
		{"the last component has the rest", `{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:*"}}`, true},
		{"another ARN", `{"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/dev"}}`, true},
		{"unlike", `{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}`, false},
		{"any ARN", `{"ArnLike":{"aws:PrincipalArn":"*"}}`, true},

		{"absent, positive", `{"StringEquals":{"aws:nokey":"x"}}`, false},
		{"absent, pattern", `{"StringLike":{"aws:nokey":"*"}}`, false},
		{"absent, negated", `{"StringNotEquals":{"aws:nokey":"x"}}`, true},
		{"absent, negated address", `{"NotIpAddress":{"aws:nokey":"10.0.0.0/8"}}`, true},
		{"absent, negated number", `{"NumericNotEquals":{"aws:nokey":"1"}}`, true},
		{"absent, ordering", `{"DateLessThan":{"aws:nokey":"2027"}}`, false},
		{"absent, IfExists", `{"StringEqualsIfExists":{"aws:nokey":"x"}}`, true},
		{"absent, negated IfExists", `{"StringNotEqualsIfExists":{"aws:nokey":"x"}}`, true},
		{"there, IfExists", `{"StringEqualsIfExists":{"aws:username":"bob"}}`, false},
		{"there without values", `{"StringEqualsIfExists":{"x:none":"x"}}`, true},
		{"blank is a value", `{"StringLike":{"x:blank":["","home/"]}}`, true},

		{"Null of an absent key", `{"Null":{"aws:nokey":"true"}}`, true},
		{"Null of a key", `{"Null":{"aws:username":"true"}}`, false},
		{"not Null of a key", `{"Null":{"aws:username":"false"}}`, true},
		{"not Null of an absent key", `{"Null":{"aws:nokey":false}}`, false},
		{"Null of a key without values", `{"Null":{"x:none":"true"}}`, true},
		{"Null of a tag without text", `{"Null":{"aws:PrincipalTag/Empty":"true"}}`, false},
		{"either", `{"Null":{"aws:nokey":["true","false"]}}`, true},

		{"all of", `{"ForAllValues:StringEquals":{"aws:TagKeys":["team","cost","env"]}}`, true},
		{"not all of", `{"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}}`, false},
		{"all like", `{"ForAllValues:StringLike":{"aws:TagKeys":["t*","?ost"]}}`, true},
		{"all of absent", `{"ForAllValues:StringEquals":{"aws:nokey":"x"}}`, true},
		{"all of none", `{"ForAllValues:StringEquals":{"x:none":"x"}}`, true},
		{"all of blank", `{"ForAllValues:StringEquals":{"x:blank":"x"}}`, true},
		{"all of a single value", `{"ForAllValues:StringEquals":{"aws:username":["alice","bob"]}}`, true},
		{"all unequal", `{"ForAllValues:StringNotEquals":{"aws:TagKeys":["env","stage"]}}`, true},
		{"one equal", `{"ForAllValues:StringNotEquals":{"aws:TagKeys":["env","cost"]}}`, false},
		{"any of", `{"ForAnyValue:StringEquals":{"aws:TagKeys":["cost","env"]}}`, true},
		{"not any of", `{"ForAnyValue:StringEquals":{"aws:TagKeys":["env"]}}`, false},
		{"any of absent", `{"ForAnyValue:StringEquals":{"aws:nokey":"x"}}`, false},
		{"any of blank", `{"ForAnyValue:StringEquals":{"x:blank":""}}`, false},
		{"any unequal of absent", `{"ForAnyValue:StringNotEquals":{"aws:nokey":"x"}}`, false},
		{"some value matches none", `{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["team"]}}`, true},
		{"every value matches one", `{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["team","cost"]}}`, false},
		{"any of absent, IfExists", `{"ForAnyValue:StringEqualsIfExists":{"aws:nokey":"x"}}`, true},
		{"all of absent, IfExists", `{"ForAllValues:StringEqualsIfExists":{"aws:nokey":"x"}}`, true},
		{"any true", `{"ForAnyValue:Bool":{"aws:SecureTransport":"true"}}`, true},

		{"no values match nothing", `{"StringEquals":{"aws:username":[]}}`, false},
		{"no values are none of these", `{"StringNotEquals":{"aws:username":[]}}`, true},
		{"no keys ask nothing", `{"StringEquals":{}}`, true},

		{"a variable", `{"StringEquals":{"aws:username":"${aws:username}"}}`, true},
		{"a variable of any case in a text", `{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/path/${AWS:principaltag/none, 'dev'}"}}`, true},
		{"a default that is not needed", `{"StringEquals":{"aws:PrincipalTag/team":"${aws:PrincipalTag/team, 'db'}"}}`, true},
		{"a value is no pattern", `{"StringLike":{"aws:PrincipalTag/team":"${aws:PrincipalTag/pattern}"}}`, false},
		{"a value is itself", `{"StringLike":{"aws:PrincipalTag/pattern":"${aws:PrincipalTag/pattern}"}}`, true},
		{"a value beside a pattern", `{"StringLike":{"aws:PrincipalTag/pattern":"*${aws:PrincipalTag/pattern}"}}`, true},
		{"a literal star", `{"StringLike":{"aws:PrincipalTag/pattern":"?${*}"}}`, true},
		{"a literal star is no pattern", `{"StringLike":{"aws:PrincipalTag/team":"w${*}"}}`, false},
		{"a literal star in StringEquals", `{"StringEquals":{"aws:PrincipalTag/pattern":"w${*}"}}`, true},
		{"a literal dollar", `{"StringEquals":{"aws:username":"${$}{aws:username}"}}`, false},
		{"a variable without case", `{"StringEqualsIgnoreCase":{"aws:PrincipalTag/team":"W${aws:nokey, 'EB'}"}}`, true},
		{"a variable in an ARN", `{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*/${aws:nokey, 'dev'}"}}`, true},
		{"a value with colons stays in its component", `{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::${aws:PrincipalTag/cost}:role/*"}}`, false},
		{"a variable without a value", `{"StringEquals":{"aws:username":"${aws:nokey}"}}`, false},
		{"an alternative to it", `{"StringEquals":{"aws:username":["${aws:nokey}","alice"]}}`, true},
		{"a match is a match", `{"StringNotEquals":{"aws:username":["${aws:nokey}","alice"]}}`, false},
		{"a variable of several values", `{"StringEquals":{"aws:username":"${aws:TagKeys}"}}`, false},
		{"absence comes before variables", `{"StringEqualsIfExists":{"aws:nokey":"${aws:nokey}"}}`, true},
		{"a default is put as the guide has it", `{"StringEquals":{"aws:username":"${aws:nokey,'alice'}"}}`, false},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			allow, deny := holds(t, "2012-10-17", tt.condition)
			if allow != tt.want || deny != tt.want {
				t.Errorf("%s: got %v in an Allow, %v in a Deny, want %v", tt.condition, allow, deny, tt.want)
			}
		})
	}
}

// What cannot be compared allows nothing, and does not get around a Deny that
// is about everything else.
func TestConditionsInDoubtGrantLess(t *testing.T) {
	for _, tt := range []struct {
		claim     string
		condition string
		allow     bool
		deny      bool
	}{
		{"unequal to a variable without a value", `{"StringNotEquals":{"aws:username":"${aws:nokey}"}}`, false, true},
		{"unlike text with such a variable", `{"StringNotLike":{"aws:username":["b*","${aws:nokey}*"]}}`, false, true},
		{"regardless of case", `{"StringNotEqualsIgnoreCase":{"aws:username":"${aws:nokey}"}}`, false, true},
		{"an ARN with such a variable", `{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/${aws:nokey}"}}`, false, true},
		{"all unequal to one", `{"ForAllValues:StringNotEquals":{"aws:TagKeys":"${aws:nokey}"}}`, false, true},
		{"no number", `{"NumericNotEquals":{"aws:username":"1"}}`, false, true},
		{"no date", `{"DateNotEquals":{"aws:username":"2020"}}`, false, true},
		{"no address", `{"NotIpAddress":{"aws:username":"10.0.0.0/8"}}`, false, true},
		{"no ARN", `{"ArnNotEquals":{"aws:username":"arn:aws:iam::*:user/alice"}}`, false, true},
		{"no number, positive", `{"NumericLessThan":{"aws:username":"1"}}`, false, false},
		{"several values without a set operator", `{"StringEquals":{"aws:TagKeys":"team"}}`, false, true},
		{"several values, negated", `{"StringNotEquals":{"aws:TagKeys":"team"}}`, false, true},
		{"several values, none of them", `{"StringEquals":{"aws:TagKeys":"env"}}`, false, false},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			allow, deny := holds(t, "2012-10-17", tt.condition)
			if allow != tt.allow || deny != tt.deny {
				t.Errorf("%s: got %v in an Allow, %v in a Deny, want %v, %v", tt.condition, allow, deny, tt.allow, tt.deny)
			}
		})
	}
}

func TestVariablesAreTextBefore2012(t *testing.T) {
	for condition, want := range map[string]bool{
		`{"StringEquals":{"aws:username":"${aws:username}"}}`:    false,
		`{"StringNotEquals":{"aws:username":"${aws:username}"}}`: true,
		`{"StringLike":{"aws:username":"*"}}`:                    true,
	} {
		if allow, _ := holds(t, "2008-10-17", condition); allow != want {
			t.Errorf("%s: got %v, want %v", condition, allow, want)
		}
	}
}
