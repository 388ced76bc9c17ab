package wire

// Info describes one operation. The generated packages hold one for each.
type Info struct {
	Service string // "codeartifact"; also the prefix of its actions and the name that signatures carry
	Name    string // "CreateRepository"
	Method  string // "POST"
	Path    string // "/v1/repository", escaped
	Version string // query protocol: the API version that a request names; else empty
	Result  string // query protocol: the element around the output; empty if the answer has none

	Unsigned  bool  // requests carry no signature
	Sensitive bool  // the output holds a secret: never log it
	Streams   bool  // the request's body is a payload and is not buffered
	Pages     Pages // zero: one answer is all there is
}

// Action returns the operation's name in policies:
// "codeartifact:CreateRepository".
func (i Info) Action() string { return i.Service + ":" + i.Name }

// Pages names the members by which clients walk through the pages of a
// listing, as the model spells them. It holds no slice because the compiler
// would fill tables of operations that have one when the program starts.
type Pages struct {
	Input  string // the token of the page to return
	Output string // the token of the next page; absent on the last one
	Limit  string // how many results a page may have
	Result string // the list that pages are joined by
	Others string // what else an answer says, the same on every page; separated by commas
}

// Op is an operation together with the types of its input and output. It is
// an [Info] in memory, so that declaring one costs nothing when the program
// starts.
type Op[In, Out any] Info

// Action returns the operation's name in policies.
func (op Op[In, Out]) Action() string { return Info(op).Action() }
