// Package knowledge holds the facts: providers with their servers, mail
// programs, causes, error patterns and articles.
//
// Facts are files that a support agent can read and change. Below seed/ (and in
// an operator's own folder of the same shape) lie
//
//	providers/ID.yaml      one Provider
//	clients/ID.yaml        one Client
//	causes/FAMILY.yaml     a list of Cause
//	errors/FAMILY.yaml     a list of ErrorPattern
//	articles/TOPIC.LANG.md one Article: YAML front matter, then Markdown
//
// The Markdown of an article is paragraphs, numbered and bulleted lists, code
// spans, strong text and links. A second-level heading opens a section that is
// shown only when it fits: "## provider: gmx, web-de", "## client: thunderbird",
// "## protocol: smtp". Text before the first such heading is always shown.
// {provider}, {domain}, {imap.host}, {imap.port}, {imap.security}, {pop3.…},
// {smtp.…}, {username} and {webmail} are filled in from the facts; a paragraph
// or list item with a placeholder that has no value is left out.
//
// # Tour
//
// [Seed] is the embedded folder and [HashFS] tells whether it changed. [Load]
// reads a folder on all cores and names every mistake as a [Problem] with file,
// line and remedy; [Check] is Load for the problems alone. [Folder] watches an
// operator's folder and keeps the last good state. [Merge] lays facts over each
// other by [Origin]; [Facts.Documents] and [FactsFromDocuments] are their form in
// a database.
//
// A [Book] is an immutable snapshot of all that, read without locks. It finds
// providers by domain ([Book.ByDomain]), by what people call them
// ([Book.ByAlias], [Book.Find]), by server ([Book.ByHost], [Book.OwnerOf]) and by
// mail exchanger ([Book.ByMX]), helps with typing ([Book.Complete],
// [Book.Nearest]) and holds pasted settings against the facts ([Book.Compare]).
// [Servers] fills in a provider's placeholders for an address.
//
// [ImportAutoconfig], [ExportAutoconfig], [ExportYAML] and [ExportCSV] exchange
// providers with others, [Stats] counts them.
package knowledge
