package bot

import "time"

// Answer is what is said, as data. An adapter renders it; it makes no sentence of its own.
type Answer struct {
	Lang    Lang
	Blocks  []Block
	Actions []Action // buttons, most useful first; a surface without buttons leaves them out
	Private bool     // for the asking person alone, where the surface can do that
	Partial bool     // a later Answer of the same sequence will replace this one (progress)
	Retract bool     // nothing is said: the surface deletes its answer to this message, or the message that the pressed button is on
	Data    *Data    // the same in machine-readable form; may be nil
}

// Block is one part of an Answer. The set is sealed.
type Block interface{ block() }

// Heading is a short title.
type Heading struct{ Text string }

// Paragraph is running text.
type Paragraph struct{ Spans []Span }

// Settings is a table of servers. Labels are in the answer's language.
type Settings struct {
	Labels SettingsLabels
	Rows   []SettingsRow
}

// SettingsLabels are the words for the fields of a SettingsRow.
type SettingsLabels struct{ Host, Port, Security, Username, Auth string }

// SettingsRow is one server. Title is e.g. "Posteingang (IMAP)"; Note is shown below when not empty.
type SettingsRow struct{ Title, Host, Port, Security, Username, Auth, Note string }

// Steps is a list, numbered when Ordered.
type Steps struct {
	Ordered bool
	Items   [][]Span
}

// Checks is the table of a live test.
type Checks struct{ Rows []Check }

// Check is one line of a live test. State is shown as a sign and as Word, never by colour alone.
type Check struct {
	State  CheckState
	Word   string // the state in the answer's language: "ok", "Fehler"
	Label  string // "IMAP 993 SSL/TLS · imap.gmx.net"
	Detail []Span // what was found
	Took   time.Duration
}

// CheckState is the state of a Check.
type CheckState string

// The states of a Check.
const (
	CheckRunning CheckState = "running"
	CheckOK      CheckState = "ok"
	CheckWarn    CheckState = "warn"
	CheckFail    CheckState = "fail"
	CheckSkipped CheckState = "skipped"
)

// Hint is a remark set apart: a next step, a condition, a way to ask more.
type Hint struct{ Spans []Span }

// Sources says where the facts come from. Label is "Quelle" or "Source".
type Sources struct {
	Label string
	Items []SourceItem
}

// SourceItem is one source; URL and Date may be empty.
type SourceItem struct{ Title, URL, Date string }

func (Heading) block()   {}
func (Paragraph) block() {}
func (Settings) block()  {}
func (Steps) block()     {}
func (Checks) block()    {}
func (Hint) block()      {}
func (Sources) block()   {}

// Span is a piece of text. What users or servers said is only ever put into a
// SpanText or a SpanCode; a SpanLink comes from the knowledge base alone.
type Span struct {
	Kind SpanKind
	Text string
	URL  string // SpanLink: https only
}

// SpanKind is how a Span is set.
type SpanKind uint8

// The kinds of Span.
const (
	SpanText SpanKind = iota
	SpanCode
	SpanStrong
	SpanLink
)

// T is a plain span.
func T(s string) Span { return Span{Kind: SpanText, Text: s} }

// Code is a span set in a fixed-width font.
func Code(s string) Span { return Span{Kind: SpanCode, Text: s} }

// Strong is an emphasised span.
func Strong(s string) Span { return Span{Kind: SpanStrong, Text: s} }

// Link is a span that opens url; use it for addresses out of the knowledge base only.
func Link(s, url string) Span { return Span{Kind: SpanLink, Text: s, URL: url} }

// Spans collects spans into a slice.
func Spans(s ...Span) []Span { return s }
