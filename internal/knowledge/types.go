package knowledge

import "github.com/mailhelpbot/mailhelpbot/internal/mailconf"

// Lang is a language of the answers, an ISO 639-1 code: "de" or "en".
type Lang = string

// Text is one sentence or paragraph in both languages, keyed by [Lang].
type Text map[Lang]string

// In returns the text in lang, else in English, else in any language.
func (t Text) In(lang Lang) string {
	if s := t[lang]; s != "" {
		return s
	}
	if s := t["en"]; s != "" {
		return s
	}
	return t["de"]
}

// Provider is who runs the mailbox, with everything needed to set one up.
type Provider struct {
	ID       string   `yaml:"id" json:"id"`
	Name     string   `yaml:"name" json:"name"`
	Kind     string   `yaml:"kind" json:"kind"` // mailbox, hosting, relay
	Country  string   `yaml:"country,omitempty" json:"country,omitempty"`
	Aliases  []string `yaml:"aliases,omitempty,flow" json:"aliases,omitempty"` // as people say it, any case
	Domains  []string `yaml:"domains,omitempty" json:"domains,omitempty"`      // of addresses, lower case
	MX       []string `yaml:"mx,omitempty" json:"mx,omitempty"`                // host suffixes or regular expressions
	Servers  []Server `yaml:"servers,omitempty" json:"servers,omitempty"`      // best first within a protocol
	Outdated []Server `yaml:"outdated_servers,omitempty" json:"outdated_servers,omitempty"`
	Requires Requires `yaml:"requires,omitempty" json:"requires,omitzero"`
	Notes    []Text   `yaml:"notes,omitempty" json:"notes,omitempty"` // conditions and changes, each a paragraph
	OAuth    string   `yaml:"oauth_issuer,omitempty" json:"oauth_issuer,omitempty"`
	Webmail  string   `yaml:"webmail,omitempty" json:"webmail,omitempty"`
	Status   string   `yaml:"status_page,omitempty" json:"status_page,omitempty"`
	Contact  Text     `yaml:"contact,omitempty" json:"contact,omitempty"` // an operator's own contact line
	Docs     []string `yaml:"docs,omitempty" json:"docs,omitempty"`
	Sources  []string `yaml:"sources,omitempty,flow" json:"sources,omitempty"`
	Checked  string   `yaml:"checked,omitempty" json:"checked,omitempty"` // YYYY-MM-DD of the last look at the sources
	Origin   Origin   `yaml:"-" json:"origin,omitempty"`
}

// Server is one server of a provider. Host and user name may hold the
// placeholders {domain}, {localpart} and {address}.
type Server struct {
	mailconf.Endpoint `yaml:",inline"`

	Username        mailconf.UserForm `yaml:"username" json:"username"`
	Auth            []string          `yaml:"auth,omitempty,flow" json:"auth,omitempty"` // best first: password, password-encrypted, oauth2, none
	Sources         []string          `yaml:"sources,omitempty,flow" json:"sources,omitempty"`
	Trust           string            `yaml:"trust,omitempty" json:"trust,omitempty"` // high, medium, low
	MinCheckMinutes int               `yaml:"min_check_minutes,omitempty" json:"min_check_minutes,omitempty"`
	Restriction     string            `yaml:"restriction,omitempty" json:"restriction,omitempty"`
	Via             string            `yaml:"via,omitempty" json:"via,omitempty"`
	URL             string            `yaml:"url,omitempty" json:"url,omitempty"`
	Note            Text              `yaml:"note,omitempty" json:"note,omitempty"` // why a value is outdated or doubtful
}

// Requires are the conditions that a mailbox sets before a mail program may log in.
type Requires struct {
	EnableIMAPPOP        bool   `yaml:"enable_imap_pop,omitempty" json:"enable_imap_pop,omitempty"` // off until switched on in webmail
	AppPassword          bool   `yaml:"app_password,omitempty" json:"app_password,omitempty"`
	AppPasswordIf2FA     bool   `yaml:"app_password_if_2fa,omitempty" json:"app_password_if_2fa,omitempty"`
	OAuth2Only           bool   `yaml:"oauth2_only,omitempty" json:"oauth2_only,omitempty"`
	SeparateMailPassword bool   `yaml:"separate_mail_password,omitempty" json:"separate_mail_password,omitempty"`
	PaidPlan             bool   `yaml:"paid_plan,omitempty" json:"paid_plan,omitempty"`
	NoIMAP               bool   `yaml:"no_imap,omitempty" json:"no_imap,omitempty"` // no access for mail programs at all
	SMTPPassword         string `yaml:"smtp_password,omitempty" json:"smtp_password,omitempty"`
}

// Client is a mail program, with the words it uses and the way to its settings.
type Client struct {
	ID         string   `yaml:"id" json:"id"`
	Name       string   `yaml:"name" json:"name"`
	LocalName  Text     `yaml:"local_name,omitempty" json:"local_name,omitempty"`   // where a language calls it otherwise
	Aliases    []string `yaml:"aliases,omitempty" json:"aliases,omitempty"`         // as people say it, with common typos
	Platforms  []string `yaml:"platforms,omitempty" json:"platforms,omitempty"`     // windows, macos, ios, android, linux, web, windows-phone
	Status     string   `yaml:"status" json:"status"`                               // current, limited, ended
	Ended      string   `yaml:"ended,omitempty" json:"ended,omitempty"`             // YYYY-MM-DD or YYYY
	Why        Text     `yaml:"why,omitempty" json:"why,omitempty"`                 // for limited and ended: what no longer works, and why
	Use        []string `yaml:"use_instead,omitempty" json:"use_instead,omitempty"` // client ids
	Words      Words    `yaml:"words,omitempty" json:"words,omitzero"`
	Guides     []Guide  `yaml:"guides,omitempty" json:"guides,omitempty"`
	Traps      []Text   `yaml:"traps,omitempty" json:"traps,omitempty"`
	AutoOAuth2 bool     `yaml:"oauth2,omitempty" json:"oauth2,omitempty"` // signs in to Microsoft and Google by OAuth2
	Sources    []string `yaml:"sources,omitempty" json:"sources,omitempty"`
	Checked    string   `yaml:"checked,omitempty" json:"checked,omitempty"`
	Origin     Origin   `yaml:"-" json:"origin,omitempty"`
}

// NameIn returns the program's name as people with that language know it.
func (c *Client) NameIn(lang Lang) string {
	if s := c.LocalName[lang]; s != "" {
		return s
	}
	return c.Name
}

// Words are the labels that a mail program shows for the encryption modes.
type Words struct {
	TLS      Text `yaml:"tls,omitempty" json:"tls,omitempty"`
	STARTTLS Text `yaml:"starttls,omitempty" json:"starttls,omitempty"`
	Plain    Text `yaml:"none,omitempty" json:"none,omitempty"`
}

// Guide is one click path. Steps may hold {imap.host}, {smtp.port}, {smtp.security},
// {username}, {provider} and the like; a step whose placeholder is unknown keeps a neutral wording.
type Guide struct {
	Task  string            `yaml:"task" json:"task"` // setup, sign-in (setup through the provider's window), edit-incoming, edit-outgoing, password, certificate
	Steps map[Lang][]string `yaml:"steps" json:"steps"`
}

// Cause explains one cause; its code is shared with the probes.
type Cause struct {
	Code     string          `yaml:"code" json:"code"`
	Title    Text            `yaml:"title" json:"title"`
	Means    Text            `yaml:"means" json:"means"`
	User     Text            `yaml:"user" json:"user"`         // next step for the person at the mail program
	Operator Text            `yaml:"operator" json:"operator"` // next step for who runs the server
	Clients  map[string]Text `yaml:"clients,omitempty" json:"clients,omitempty"`
	Topic    string          `yaml:"topic,omitempty" json:"topic,omitempty"` // article that goes deeper
	Origin   Origin          `yaml:"-" json:"origin,omitempty"`
}

// ErrorPattern maps an error text or code, as a program shows it, to a cause.
type ErrorPattern struct {
	ID       string   `yaml:"id" json:"id"`
	Codes    []string `yaml:"codes,omitempty" json:"codes,omitempty"`     // literal codes: 0x800CCC0E, 5.7.139, AUTHENTICATIONFAILED
	Phrases  []string `yaml:"phrases,omitempty" json:"phrases,omitempty"` // typical wordings, matched loosely
	Regexps  []string `yaml:"regexps,omitempty" json:"regexps,omitempty"` // RE2, on the normalised text
	Cause    string   `yaml:"cause" json:"cause"`
	Topic    string   `yaml:"topic,omitempty" json:"topic,omitempty"`
	Protocol string   `yaml:"protocol,omitempty" json:"protocol,omitempty"`
	Client   string   `yaml:"client,omitempty" json:"client,omitempty"`
	Provider string   `yaml:"provider,omitempty" json:"provider,omitempty"` // id; a file may name it by an alias
	Weight   float64  `yaml:"weight,omitempty" json:"weight,omitempty"`     // default 1; lower for a code that many causes share
	Says     Text     `yaml:"says,omitempty" json:"says,omitempty"`         // what exactly this code means, if more than the cause says
	Origin   Origin   `yaml:"-" json:"origin,omitempty"`
}

// Article answers one topic in one language.
type Article struct {
	Topic      string   `yaml:"topic" json:"topic"`
	Lang       Lang     `yaml:"lang" json:"lang"`
	Title      string   `yaml:"title" json:"title"`
	Intent     string   `yaml:"intent,omitempty" json:"intent,omitempty"`         // what its utterances usually are: error, faq, client-setup, settings, test
	Utterances []string `yaml:"utterances,omitempty" json:"utterances,omitempty"` // what people type; "error: …" or "faq: …" in front overrides Intent
	Settings   bool     `yaml:"settings,omitempty" json:"settings,omitempty"`     // show the provider's servers when it is known
	Test       string   `yaml:"test,omitempty" json:"test,omitempty"`             // offer a live test: imap, pop3, smtp, all
	Ask        string   `yaml:"ask,omitempty" json:"ask,omitempty"`               // one clarifying question, for vague topics
	Related    []string `yaml:"related,omitempty" json:"related,omitempty"`       // topics
	Sources    []Source `yaml:"sources,omitempty" json:"sources,omitempty"`
	Checked    string   `yaml:"checked" json:"checked"` // YYYY-MM-DD
	Body       string   `yaml:"-" json:"body"`          // Markdown; see the package comment for its sections
	Origin     Origin   `yaml:"-" json:"origin,omitempty"`
	Author     string   `yaml:"author,omitempty" json:"author,omitempty"` // of an article taught in chat
}

// Source is where a fact or an article comes from.
type Source struct {
	Title string `yaml:"title" json:"title"`
	URL   string `yaml:"url,omitempty" json:"url,omitempty"`
	Date  string `yaml:"date,omitempty" json:"date,omitempty"`
}

// Origin says who vouches for a record.
type Origin string

// The origins in order of trust.
const (
	OriginOperator Origin = "operator" // the operator's own folder
	OriginTaught   Origin = "taught"   // an agent in chat
	OriginShipped  Origin = "shipped"  // part of the program
	OriginFound    Origin = "found"    // discovered for a domain
)

// Intent is what a message was understood to be. Empty strings mean "not told".
type Intent struct {
	Kind       string // error, faq, client-setup, settings, test, out-of-scope, smalltalk
	Topic      string // article topic
	Provider   string // provider id, a bare domain that no record covers, or a name that none has
	Domain     string // domain named, if any
	Misspelt   string // a domain that was taken for a well-known one that it lies beside: outlok.com,
	Meant      string // and that one: outlook.com; both "" when all is spelt well
	Client     string
	ClientName string            // the name by which Client was called, letters and digits only
	Protocol   mailconf.Protocol // imap, pop3, smtp or ""
	Cause      string
	Quoted     bool // an error text that the knowledge has stands in the message, and says Cause
	ErrorCode  string
	Lang       Lang
	Foreign    bool     // written in neither German nor English
	Confidence float64  // calibrated: the share of such answers that are right
	Reply      bool     // good enough to answer unasked
	Clarify    bool     // in scope but vague: ask back once
	Follow     Follow   // how it continues its thread; "" when it stands for itself
	Incoming   bool     // the servers for reading mail are meant, whichever protocol they speak
	Evidence   []string // why, in sentences for a support agent, when it was asked for
}

// Follow says how a message continues its thread. Topic, Cause and whatever
// else the message leaves open are then the thread's.
type Follow string

// The ways to continue a thread.
const (
	FollowMore    Follow = "more"    // the same for another provider, program or protocol: "and smtp?"
	FollowCorrect Follow = "correct" // the last answer was for the wrong one: "not GMX, it is WEB.DE"
	FollowWhere   Follow = "where"   // where to enter what was said: "where do I set that?"
	FollowStill   Follow = "still"   // it has not helped: "still doesn't work"
)
