package diagnose

// Facts are what is known of a target's provider; they help to tell causes
// apart that look alike in a server's answer.
type Facts struct {
	OAuth2Only, AppPassword, AppPasswordIf2FA, SeparateMailPassword, EnableIMAPPOP bool
}
