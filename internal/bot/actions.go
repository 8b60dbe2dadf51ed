package bot

import "context"

// The ids of the actions that answers offer. A Value is what the button
// carries; it comes back from outside and is believed no more than that: what
// an action may do is decided by the place it was pressed in, by who pressed
// it, and by what the store knows about the answer that Value names.
const (
	ActionTest      = "test"      // Value: arguments of /test
	ActionSettings  = "settings"  // Value: arguments of /settings
	ActionAsk       = "ask"       // Value: a question
	ActionLogin     = "login"     // Value: arguments of /test; how to test a login, or the link to do it
	ActionErase     = "erase"     // Value: a name for a message that gives a password away; deletes it
	ActionLocal     = "local"     // Value: arguments of /test; how to test from the own computer
	ActionGuide     = "guide"     // Value: the id of a mail program, "" to choose one
	ActionHelped    = "helped"    // Value: the answer's name
	ActionNotHelped = "nothelped" // Value: the answer's name; has a Form (the reason)
	ActionHuman     = "human"     // Value: the answer's name or ""; hands the thread over to people
	ActionDismiss   = "dismiss"   // Value: the answer's name; takes the answer back
	ActionSave      = "save"      // turns a thread into an article; has a Form; also a [Shortcut]
)

// HasForm reports whether an action opens a form before it takes effect. A
// surface with forms then asks [Surface.Form] for it while the press is fresh
// (Slack's trigger ends after three seconds), shows it, and hands the action
// over with Message.Fields when it was sent. A surface without forms, or one
// that failed to open it, hands the action over with Fields nil.
func HasForm(actionID string) bool { return actionID == ActionNotHelped || actionID == ActionSave }

// Form is what a surface asks before an action: a modal. Titles are at most 24
// characters, labels at most 45, and there are at most five fields, which is
// what fits on both Slack and Discord.
type Form struct {
	Lang   Lang
	Title  string
	Submit string
	Fields []Field
}

// Field is one input of a Form. With Choices it is a choice of one of them
// (at most 25), else a text. A surface whose forms have no choices shows a
// text with the choices as its hint: what comes back is matched by value and label.
type Field struct {
	ID       string // key in Message.Fields
	Label    string
	Hint     string // shown in the empty field; may be ""
	Value    string // filled in at first
	Long     bool   // several lines
	Required bool
	Max      int // most characters; 0 is 300
	Choices  []Suggestion
}

// Shortcut is an action on somebody's message out of its menu: a message
// shortcut of Slack, a context-menu command of Discord. It is handed over as
// KindAction with Text, the text of that message, and On, its id.
type Shortcut struct {
	Action      string
	Name        map[Lang]string // at most 24 characters
	Description map[Lang]string
}

// Shortcuts is the table of shortcuts, beside the test that surfaces offer on
// messages of their own accord.
func Shortcuts() []Shortcut {
	return []Shortcut{{
		Action:      ActionSave,
		Name:        map[Lang]string{"de": "Als Antwort speichern", "en": "Save as answer"},
		Description: map[Lang]string{"de": "Aus diesem Thread eine Antwort des Bots machen", "en": "Make an answer of the bot out of this thread"},
	}}
}

// FormFunc returns the form of an action, nil when this person gets none
// here: then the action is handed over at once, and the answer says why.
type FormFunc func(ctx context.Context, m Message) *Form
