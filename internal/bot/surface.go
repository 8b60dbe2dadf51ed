package bot

import "context"

// Surface is what an adapter needs besides the Handler; all of it is safe for concurrent use.
type Surface struct {
	Handle   Handler
	Suggest  func(ctx context.Context, command, option, typed string, lang Lang) []Suggestion // at most 25, best first
	Form     FormFunc                                                                         // the form of an action that HasForm; nil: no forms
	Commands []CommandSpec
	Observer Observer // nil: nobody is told
}

// Watch is the surface's Observer, and never nil.
func (s Surface) Watch() Observer {
	if s.Observer == nil {
		return Unobserved{}
	}
	return s.Observer
}

// Suggestion completes an argument: Label is shown, Value is sent.
type Suggestion struct{ Label, Value string }

// CommandSpec describes a command for registration and for help. Name and
// option names are lower case; descriptions are at most 100 characters (Discord).
type CommandSpec struct {
	Name        string
	Aliases     []string        // German names such as "einstellungen"
	LocalName   map[Lang]string // name shown to people with that language
	Description map[Lang]string // one line
	Usage       map[Lang]string // argument hint, e.g. "ANBIETER|DOMAIN|ADRESSE [imap|pop3|smtp]"
	Options     []OptionSpec    // for surfaces with typed options; their values are joined by blanks in this order
	Subs        []CommandSpec   // parts of the command, for surfaces that have such; they take the place of its Options
	Words       string          // of a part: what stands before the values of its options, "auto shadow"
}

// OptionSpec is one argument of a command.
type OptionSpec struct {
	Name        string
	LocalName   map[Lang]string
	Description map[Lang]string
	Required    bool
	Suggest     bool     // completed by Surface.Suggest
	Choices     []string // fixed values
	Word        string   // stands before the value
	Kind        OptionKind
}

// OptionKind says what an option takes.
type OptionKind uint8

// The kinds of option. A channel or a role is no part of the arguments; it
// goes to Command.Channels or Command.Roles.
const (
	OptionText OptionKind = iota
	OptionChannel
	OptionRole
)
