package diagnose

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// Results of a login, as AuthInfo.Result.
const (
	authAccepted = "accepted"
	authRefused  = "refused"
	authError    = "error"
)

// login tries the account, if there is one: nothing is sent before chain, name
// and dates of the certificate have passed, and not before the gate says so.
func (a *attempt) login(ctx context.Context) {
	l := a.target.Login
	if l == nil {
		return
	}
	mech, f := a.loginPlan(l)
	if f == nil && !a.mayLogin(ctx) {
		f = &fault{cause: CauseLoginHeldBack}
	}
	if f != nil {
		a.gate.out(a.ep)
		a.noLogin(f)
		return
	}
	if !a.gate.wait(ctx, a.ep) {
		a.noLogin(&fault{})
		return
	}
	if a.caps.delay && !a.soleLogin(a.ep.Host) {
		a.gate.result(a.ep, false)
		a.noLogin(&fault{})
		return
	}
	ok := a.stage(StepAuth, func(st *Step) *fault { return a.tryLogin(st, l, mech) })
	a.gate.result(a.ep, ok)
	a.loginResult(ok)
	if ok && a.ep.Protocol != mailconf.SMTP {
		a.stage(StepOpen, func(st *Step) *fault { return a.openMailbox(ctx) })
	}
}

// loginPlan chooses the mechanism and finds what makes a login pointless
// before anything is sent.
func (a *attempt) loginPlan(l *Login) (string, *fault) {
	facts := a.target.Facts
	user := l.user(a.ep.Protocol)
	switch {
	case !a.verified:
		return "", &fault{}
	case facts.OAuth2Only && !l.Token:
		return "", &fault{cause: CauseOAuthRequired}
	case facts.Username == mailconf.UserAddress && !strings.Contains(user, "@"),
		facts.Username == mailconf.UserLocalPart && strings.Contains(user, "@"):
		return "", &fault{cause: CauseUsernameForm, detail: string(facts.Username)}
	}
	return chooseMechanism(a.ep.Protocol, a.caps, l)
}

// noLogin reports a login that was not tried: as a failure when f names a
// cause, else as skipped, since the reason stands elsewhere in the report.
func (a *attempt) noLogin(f *fault) {
	st := Step{Endpoint: a.ep, Address: a.addr, Kind: StepAuth, Status: StatusSkipped, Cause: f.cause, Detail: f.detail, Auth: a.authInfo()}
	if f.cause != "" {
		st.Status = StatusFail
	}
	a.emit(st)
}

// tryLogin logs in once with one mechanism.
func (a *attempt) tryLogin(st *Step, l *Login, mech string) *fault {
	info, result := a.authInfo(), authError
	shown := strings.Trim(mech, "<>")
	info.Attempted, info.Mechanism, info.Result = true, &shown, &result
	st.Auth = info
	a.s.deadline(a.limits.Auth)
	r, err := a.exchange(l, mech)
	if err == nil && a.wantsAPOP(mech, r) {
		shown = mechAPOP
		a.s.deadline(a.limits.Auth)
		r, err = a.exchange(l, mechAPOP)
	}
	switch {
	case errors.Is(err, errSASL):
		return &fault{cause: CauseAuthMechanism, detail: mech, text: lastLine(r.lines)}
	case err != nil:
		f := errorCause(err, StepAuth)
		f.text = lastLine(r.lines)
		return f
	case r.ok:
		result = authAccepted
		return nil
	}
	f := classify(a.ep.Protocol, StepAuth, r, a.target.Facts)
	switch f.cause {
	case CauseTemporaryServerError, CauseTooManyConnections, CauseAuthMechanism, CauseEncryptionRequired, CauseClientCertificateRequired:
	default:
		result = authRefused
	}
	switch {
	case f.cause == CauseWrongCredentials && l.Token:
		f.cause = CauseOAuthSigninFailed
	case f.cause == CauseWrongCredentials && a.ep.Protocol == mailconf.SMTP && a.gate.incomingPassed():
		f.cause = CauseSMTPAuthFailed
	}
	return f
}

// wantsAPOP reports a server that names USER among its capabilities, takes no
// password that way, and has a timestamp in its greeting: a Dovecot with APOP
// alone. Its refusal says nothing about the password, so this is no second try.
func (a *attempt) wantsAPOP(mech string, r reply) bool {
	return mech == mechPOP3User && !r.ok && slices.Contains(a.caps.mechs, mechAPOP) &&
		classify(a.ep.Protocol, StepAuth, r, Facts{}).cause == CauseAuthMechanism
}

// exchange runs the mechanism up to the server's last word.
func (a *attempt) exchange(l *Login, mech string) (reply, error) {
	user := l.user(a.ep.Protocol)
	if strings.HasPrefix(mech, "<") {
		return a.d.password(a.s, user, l.Password.Bytes())
	}
	if d, ok := a.d.(*pop3Dialect); ok && mech == mechAPOP {
		return d.apop(a.s, user, l.Password.Bytes())
	}
	c, serverFirst, err := newSASL(mech, l, user, a.name, a.ep.Port, a.state)
	if err != nil {
		return reply{}, errSASL
	}
	var ir []byte
	if !serverFirst && a.caps.ir {
		first, err := c.next("")
		if err != nil {
			return reply{}, err
		}
		ir = encode64(first)
	}
	hasIR := ir != nil // auth wipes it
	r, err := a.d.auth(a.s, mech, ir)
	for turn := 0; err == nil && r.more && turn < 6; turn++ {
		var challenge string
		var response []byte
		if serverFirst || hasIR || turn > 0 {
			// Prompts of LOGIN and complaints about tokens are not always
			// base64; only the mechanisms that compute with the challenge mind.
			challenge, _ = decode64(r.text)
		}
		if response, err = c.next(challenge); err != nil {
			r, _ = a.d.next(a.s, []byte("*"))
			return r, errors.Join(errSASL, err)
		}
		r, err = a.d.next(a.s, encode64(response))
	}
	return r, err
}

// openMailbox goes one step further than the login. INBOX is opened by one IMAP
// connection of a run at a time: Courier locks it, and lets the second of two
// that come together wait for more than 8 s. It costs nothing, since the others log in
// while the first one opens.
func (a *attempt) openMailbox(ctx context.Context) *fault {
	if a.ep.Protocol == mailconf.IMAP {
		select {
		case a.inbox <- struct{}{}:
			defer func() { <-a.inbox }()
		case <-ctx.Done():
			return errorCause(context.Cause(ctx), StepOpen)
		}
	}
	a.s.deadline(a.limits.Command)
	r, err := a.d.open(a.s)
	switch {
	case err != nil:
		f := errorCause(err, StepOpen)
		f.text = lastLine(r.lines)
		return f
	case !r.ok:
		return classify(a.ep.Protocol, StepOpen, r, a.target.Facts)
	}
	return nil
}

// mayLogin asks the guard once per run.
func (r *run) mayLogin(ctx context.Context) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.guardAsked {
		r.guardAsked = true
		r.guarded = r.beginLogin(ctx, loginKey(r.target))
	}
	return r.guarded
}

// soleLogin reports whether no login of this run was tried before at the POP3
// ports of a host that wants a pause between logins.
func (r *run) soleLogin(host string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Contains(r.paused, host) {
		return false
	}
	r.paused = append(r.paused, host)
	return true
}

// loginResult notes how a login ended, for the guard.
func (r *run) loginResult(ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.loginOK = r.loginOK || ok
	r.loginFailed = r.loginFailed || !ok
}

// releaseGuard tells the guard the outcome of the run. A refusal by SMTP after
// an incoming server let us in is no wrong password and is not held against it.
func (r *run) releaseGuard() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.guarded {
		r.endLogin(loginKey(r.target), r.loginFailed && !r.loginOK)
	}
}
