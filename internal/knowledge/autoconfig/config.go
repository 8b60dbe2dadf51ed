// Package autoconfig reads and writes the XML in which mail providers and
// Thunderbird's ISPDB publish mail settings ("clientConfig", described by
// draft-ietf-mailmaint-autoconfig).
//
// [Parse] takes what is found in the wild: children in any order, several
// authentication methods, servers without a host but with a URL, misspelt
// elements, instructions in many languages, any encoding. It skips what it does
// not know and expands no entities. [Config.Write] is its inverse for
// everything that is modelled. Values such as server types, authentication
// methods and %PLACEHOLDERS% are kept as they stand in the file; package
// knowledge translates them into its own vocabulary.
package autoconfig

// Config is one clientConfig with its emailProvider.
type Config struct {
	Version      string   // of the format, "1.1"
	ID           string   // of the emailProvider; neither unique nor always a domain
	Domains      []string // of addresses, lower case
	MX           []string // domains with purpose="mx"
	DisplayName  string
	ShortName    string
	Incoming     []Server
	Outgoing     []Server
	Docs         []Documentation
	Instructions []Documentation // instruction elements with a URL, the older form of Docs
	Enable       []Enable
	OAuth2       []OAuth2
	WebMail      *WebMail
}

// Server is an incomingServer or outgoingServer.
type Server struct {
	Type                     string // imap, pop3, smtp, ews, owa, graph, exchange, jmap …
	Host                     string // may hold %EMAILDOMAIN% and the like
	Port                     uint16 // 0 when missing or malformed
	SocketType               string // SSL, STARTTLS, plain
	Username                 string // "" when missing
	Auth                     []Auth // in order of preference
	URL, EWSURL, OWAURL      string
	UseGlobalPreferredServer bool
	AddThisServer            bool
	Restriction              string // client-IP-address
	POP3                     *POP3
}

// Auth is one authentication method.
type Auth struct {
	Method string // password-cleartext, password-encrypted, OAuth2, none, NTLM, GSSAPI …
	System string // "sasl" or "http" in the draft, usually ""
}

// POP3 are hints for POP3 accounts.
type POP3 struct {
	LeaveOnServer *bool // leaveMessagesOnServer
	CheckMinutes  int   // checkInterval: the server refuses more frequent checks
}

// LangText is a text with its language tag, which may be "".
type LangText struct{ Lang, Text string }

// Documentation is a page for people.
type Documentation struct {
	URL   string
	Descr []LangText
}

// Enable says what the user must do first, and where.
type Enable struct {
	VisitURL     string
	Instructions []LangText
}

// OAuth2 are the parameters of the provider's authorization server.
type OAuth2 struct{ Issuer, Scope, AuthURL, TokenURL string }

// WebMail is how to sign in to the provider's webmail.
type WebMail struct {
	LoginPage string
	Info      *LoginPageInfo
}

// LoginPageInfo names the fields of a login page.
type LoginPageInfo struct {
	URL, WaitForRedirect, Username            string
	UsernameField, PasswordField, LoginButton Field
}

// Field is an element of a web page.
type Field struct{ ID, Name string }
