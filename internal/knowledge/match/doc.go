// Package match reads a message: which intent, topic, provider, protocol,
// program, error code and cause it speaks of, and whether to answer, to ask
// back, or to stay silent. It learns from the utterances in a knowledge.Book
// and needs no other model and no network.
//
// A tour, in the order in which a message passes through:
//
//	normalise.go   one spelling of everything: NFKC, lower case, ü = ue = u
//	frame.go       quotations, signatures, code blocks and logs set apart
//	tokens.go      words, hosts, addresses, codes; the borders of clauses
//	lang.go        German, English, or neither
//	names.go       providers and mail programs by name
//	misspelt.go    names and domains with a typing error
//	hosters.go     providers known by name alone (data/hosters.txt)
//	brand.go       other products of a company, and the providers of other people
//	outlook.go     Outlook the program and Outlook the mailbox
//	entities.go    what is named: providers, programs, protocols, ports, codes
//	protocol.go    the protocol that is named, or implied by sending
//	program.go     which program "the mail app" is, and which one moves to
//	command.go     "/test smtp gmx", "imap daten für web.de?": done without a model
//	spelling.go    other words with a typing error
//	automaton.go   finds the words of data/concepts.txt in one pass
//	rules.go       data/concepts.txt and data/rules.txt: words to concepts,
//	               concepts to topics, intents and causes
//	patterns.go    the error patterns of the book: codes, phrases, expressions
//	phrases.go     loosely matched wordings of the patterns
//	guard.go       which expressions can match a text at all
//	reading.go     all of that about one message, and its features
//	room.go        where many messages are read one after the other
//	model.go       three classifiers trained on the utterances (linear.go,
//	               fit.go, meeting.go); rules and patterns are their
//	               starting point
//	near.go        the utterances most like the message, a second opinion
//	match.go       scores to an Intent: topic, kind, slots
//	causescore.go  the cause, and the answer to an error text known by heart
//	confidence.go  how sure that is, and from where on it is said
//	explain.go     the same in sentences
//	followup.go    "und smtp?": what a thread told before
//	encode.go      a trained model as bytes, for a cache
//
// [New] is cheap (some milliseconds): commands work at once, and the model is
// trained when the first free text comes, or by [Matcher.Model] in the
// background, or is set with [Matcher.SetModel] from a cache. Training depends
// on nothing but the book, and gives the same bytes every time.
//
// To teach a word, add it to data/concepts.txt; to teach a way to ask, add an
// utterance to an article. Package eval measures both on labelled messages.
package match
