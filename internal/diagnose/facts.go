package diagnose

import "github.com/mailhelpbot/mailhelpbot/internal/mailconf"

// Facts are what is known of a target's provider; they help to tell causes
// apart that look alike in a server's answer.
type Facts struct {
	OAuth2Only           bool              // no password works; none is sent
	AppPassword          bool              // mail programs always need a password of their own
	AppPasswordIf2FA     bool              // they need one when two-factor login is on
	SeparateMailPassword bool              // the mail password differs from the customer login
	EnableIMAPPOP        bool              // IMAP and POP3 are off until they are switched on in the webmail
	Username             mailconf.UserForm // what the user name looks like; "" when unknown or when it differs between servers
}
