package control

import (
	"reflect"
	"strings"
	"time"
)

// parameters returns what an input says as CloudTrail has it in
// requestParameters: the members that were given, by name, but for secrets.
func parameters(in any) map[string]any {
	given := map[string]any{}
	for f, v := range reflect.ValueOf(in).Elem().Fields() {
		if v.IsZero() || f.Tag.Get("sensitive") == "true" {
			continue
		}
		given[strings.ToLower(f.Name[:1])+f.Name[1:]] = parameter(v)
	}
	return given
}

func parameter(v reflect.Value) any {
	switch {
	case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]():
		return parameters(v.Addr().Interface())
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = parameter(v.Index(i))
		}
		return list
	}
	return v.Interface()
}
