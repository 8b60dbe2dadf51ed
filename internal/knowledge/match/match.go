package match

import "github.com/mailhelpbot/mailhelpbot/internal/knowledge"

// Context is what the thread has already told; empty fields are unknown.
type Context struct {
	Provider, Domain, Client, Protocol, Topic, Cause string
	Lang                                             knowledge.Lang
	Addressed                                        bool // the bot was spoken to: a command, a mention, a direct message
}

// Matcher reads messages against one Book. It is safe for concurrent use.
type Matcher struct {
	book *knowledge.Book
}

// New trains a Matcher on the utterances in book.
func New(book *knowledge.Book) *Matcher { return &Matcher{book: book} }

// Match reads one message.
func (m *Matcher) Match(text string, ctx Context) knowledge.Intent {
	return knowledge.Intent{Kind: "out-of-scope", Lang: "en"}
}
