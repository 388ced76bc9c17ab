package cli

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/operation"
	"larder.example/larder/internal/cli/value"
	"larder.example/larder/internal/wire"
)

// paging is how a listing is walked through.
type paging struct {
	start string // a token; empty begins at the beginning
	size  any    // of pages; nil is the service's
	most  any    // items to print; nil is all
}

// paging reads the options of paging. It is nil for what is not listed, and
// where the user walks by himself.
func (s *Session) paging(op *operation.Operation, v args.Values) (*paging, error) {
	if op.Pages == (wire.Pages{}) {
		return nil, nil
	}
	byHand := s.Globals.Set("no-paginate")
	for _, member := range []string{op.Pages.Input, op.Pages.Limit} {
		name := operation.Hyphenate(member)
		byHand = byHand || v.Given(name) && name != "max-items"
	}
	if byHand {
		return nil, refusePaging(v)
	}
	if n, ok := v["max-items"].(int64); ok && n <= 0 {
		fmt.Fprintln(s.Stderr, "warning: Non-positive values for --max-items may result in undefined behavior.")
	}
	return &paging{start: v.Text("starting-token"), size: v["page-size"], most: v["max-items"]}, nil
}

func refusePaging(v args.Values) error {
	var used []string
	for _, name := range []string{"starting-token", "page-size", "max-items"} {
		if v.Given(name) && value.Str(v[name]) != "0" && value.Str(v[name]) != "" {
			used = append(used, "--"+name)
		}
	}
	if used == nil {
		return nil
	}
	return ParamErrorf("Cannot specify --no-paginate along with pagination arguments: %s", strings.Join(used, ", "))
}

// pages walks through a listing, as botocore does.
type pages struct {
	caller *Caller
	op     *operation.Operation
	params *value.Object
	paging paging

	others *value.Object // what the first page says beside its lists
	resume *value.Object // where to go on; nil at the end
}

// lists are the members that pages are joined by, the first of which counts.
func (p *pages) lists() []string { return strings.Split(p.op.Pages.Result, ",") }

var errSameToken = errors.New("Error during pagination: The same next token was received twice")

// each calls f with every page, cut to what is wanted.
func (p *pages) each(ctx context.Context, f func(page *value.Object) error) error {
	if p.paging.size != nil {
		p.params.Set(p.op.Pages.Limit, p.paging.size)
	}
	token, skip := p.startToken()
	p.inject(token)
	primary := p.lists()[0]
	seen := int64(0)
	first := true
	var previous *value.Object
	for {
		page, _, err := p.caller.Call(ctx, p.op, p.params)
		if err != nil {
			return err
		}
		if first {
			p.skip(page, skip)
			p.others = p.nonLists(page)
		} else {
			skip = 0
		}
		first = false
		list, _ := page.Get(primary)
		items, _ := list.([]any)
		if most, limited := p.paging.most.(int64); limited && seen+int64(len(items)) > most {
			keep := max(min(most-seen, int64(len(items))), -int64(len(items)))
			if keep < 0 { // Python counts from the end
				keep += int64(len(items))
				page.Set(primary, items[:keep])
				keep = most - seen
			} else {
				page.Set(primary, items[:keep])
			}
			token.Set("boto_truncate_amount", keep+skip)
			p.resume = token
			return f(page)
		}
		if err := f(page); err != nil {
			return err
		}
		seen += int64(len(items))
		token = p.nextToken(page)
		if token == nil {
			return nil
		}
		if most, limited := p.paging.most.(int64); limited && seen == most {
			p.resume = token
			return nil
		}
		if previous != nil && value.Line(previous) == value.Line(token) {
			return fmt.Errorf("%w: %s", errSameToken, value.Repr(token))
		}
		p.inject(token)
		previous = token
	}
}

func (p *pages) inject(token *value.Object) {
	if v, _ := token.Get(p.op.Pages.Input); v != nil {
		p.params.Set(p.op.Pages.Input, v)
	} else {
		p.params.Delete(p.op.Pages.Input)
	}
}

// startToken reads what a NextToken of ours says: a token of the service and
// how many items of its page were printed. What is none is the service's own.
func (p *pages) startToken() (token *value.Object, skip int64) {
	token = value.NewObject(value.Member{Key: p.op.Pages.Input})
	if p.paging.start == "" {
		return token, 0
	}
	decoded, err := base64.StdEncoding.DecodeString(p.paging.start)
	if err == nil {
		if v, err := value.ParseJSON(string(decoded)); err == nil {
			if o, ok := v.(*value.Object); ok {
				n, _ := o.Get("boto_truncate_amount")
				skip, _ = n.(int64)
				o.Delete("boto_truncate_amount")
				return o, skip
			}
		}
	}
	// What the AWS CLI wrote before version 1.11: the token and the number.
	text, number, divided := strings.Cut(p.paging.start, "___")
	if n, err := strconv.ParseInt(number, 10, 64); divided && err == nil {
		skip = n
	} else {
		text = p.paging.start
	}
	if text != "None" {
		token.Set(p.op.Pages.Input, text)
	}
	return token, skip
}

// skip cuts what was printed before off the first page.
func (p *pages) skip(page *value.Object, n int64) {
	if p.paging.start == "" {
		return
	}
	for i, name := range p.lists() {
		v, _ := page.Get(name)
		items, ok := v.([]any)
		switch {
		case !ok && i == 0:
			page.Set(name, nil)
		case ok && i == 0:
			page.Set(name, items[min(max(n, 0), int64(len(items))):])
		case ok:
			page.Set(name, []any{})
		}
	}
}

func (p *pages) nonLists(page *value.Object) *value.Object {
	out := new(value.Object)
	if p.op.Pages.Others == "" {
		return out
	}
	for _, name := range strings.Split(p.op.Pages.Others, ",") {
		v, _ := page.Get(name)
		out.Set(name, v)
	}
	return out
}

func (p *pages) nextToken(page *value.Object) *value.Object {
	if more, ok := page.Get("IsTruncated"); ok && more != true {
		return nil
	}
	v, _ := page.Get(p.op.Pages.Output)
	if text, ok := v.(string); v == nil || ok && text == "" {
		return nil
	}
	return value.NewObject(value.Member{Key: p.op.Pages.Input, Value: v})
}

// resumeToken is what the user is told to go on with; nil if there is nothing
// to go on with.
func (p *pages) resumeToken() any {
	if p.resume == nil {
		return nil
	}
	return base64.StdEncoding.EncodeToString([]byte(value.Dumps(p.resume)))
}

// merged returns all pages as one answer.
func (p *pages) merged(ctx context.Context) (*value.Object, error) {
	out := new(value.Object)
	err := p.each(ctx, func(page *value.Object) error {
		for _, name := range p.lists() {
			v, _ := page.Get(name)
			items, ok := v.([]any)
			if !ok {
				continue
			}
			had, _ := out.Get(name)
			list, _ := had.([]any)
			out.Set(name, append(slices.Clip(list), items...))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, m := range p.others.Members() {
		out.Set(m.Key, m.Value)
	}
	if token := p.resumeToken(); token != nil {
		out.Set("NextToken", token)
	}
	return out, nil
}
