package diagnose

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/fence"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// attempt is the probe of one endpoint over one IP version, stage by stage.
type attempt struct {
	*run
	ep     mailconf.Endpoint
	name   string // the host in ASCII
	addrs  []netip.Addr
	emit   func(Step)
	gate   *gate
	shadow bool // only asks whether the endpoint works: no capabilities, versions or login

	addr      netip.AddrPort
	s         *session
	d         dialect
	before    offer // capabilities before TLS
	caps      offer // capabilities that count
	state     *tls.ConnectionState
	tls       *TLSInfo
	certAsked atomic.Bool // the server wants to see a client certificate
	verified  bool        // certificate and version are good enough for a password
	failed    Cause       // of the first stage before the login that failed
	at        StepKind    // the stage that runs
	release   func()
}

// probe runs the stages. A certificate that does not pass stops the login, not
// the look at what the server offers.
func (a *attempt) probe(ctx context.Context) {
	defer a.gate.out(a.ep)
	search := a.searchVersions(ctx)
	defer search.stop()
	if !a.stage(StepConnect, func(st *Step) *fault { return a.connect(ctx) }) {
		return
	}
	release := sync.OnceFunc(a.release)
	defer release()
	defer a.s.close()
	a.d = newDialect(a.ep.Protocol, a.ehloName(a.s.wire.Conn))
	search.connected(a.addr)
	ok := a.talk(ctx)
	if ok && !a.shadow {
		a.login(ctx)
	}
	if ok {
		if goodbye := a.s.leave(a.d.quit()); goodbye != nil {
			go fence.Do(a.Panicked, goodbye)
		}
		release() // the search for versions may be waiting for a free connection
	}
	if a.tls != nil {
		search.finish()
	}
}

// talk brings the conversation to the point where a login could follow.
func (a *attempt) talk(ctx context.Context) bool {
	if a.ep.Security == mailconf.TLS {
		if !a.stage(StepTLS, func(st *Step) *fault { return a.handshake(ctx, st) }) && a.state == nil {
			return false
		}
	}
	if !a.stage(StepGreeting, func(st *Step) *fault { return a.greeting(ctx, st) }) {
		return false
	}
	if a.ep.Security == mailconf.STARTTLS {
		if !a.stage(StepStartTLS, func(st *Step) *fault { return a.upgrade(st) }) {
			return false
		}
		if !a.stage(StepTLS, func(st *Step) *fault { return a.handshake(ctx, st) }) && a.state == nil {
			return false
		}
	}
	if a.shadow {
		return true
	}
	return a.stage(StepCaps, func(st *Step) *fault { return a.capabilities(st) })
}

// stage runs one stage between its two steps and reports whether it passed.
func (a *attempt) stage(kind StepKind, do func(*Step) *fault) bool {
	st := Step{Endpoint: a.ep, Address: a.addr, Kind: kind, Status: StatusRunning}
	a.emit(st)
	a.at = kind
	start := time.Now()
	st.Status = StatusOK
	if f := do(&st); f != nil {
		if st.Status == StatusOK {
			st.Status = StatusFail
		}
		st.Cause, st.Also = f.cause, append(st.Also, f.also...)
		if f.detail != "" {
			st.Detail = f.detail
		}
		if st.ServerText == "" {
			st.ServerText = CleanServerText(f.text)
		}
	}
	st.Address, st.Took = a.addr, time.Since(start)
	if st.Status == StatusFail && a.failed == "" && kind != StepAuth && kind != StepOpen {
		a.failed = st.Cause
	}
	a.emit(st)
	return st.Status != StatusFail
}

// connect opens the TCP connection: to the first address, and when that one
// does not take it, to the second.
func (a *attempt) connect(ctx context.Context) *fault {
	var f *fault
	each := a.limits.Connect / time.Duration(len(a.addrs))
	for _, ip := range a.addrs {
		a.addr = netip.AddrPortFrom(ip, a.ep.Port)
		release, ok := a.slots.take(ctx, ip, urgentMain)
		if !ok {
			return &fault{cause: CauseBudgetExceeded}
		}
		err := a.connectTo(ctx, each, release)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		f = errorCause(err, StepConnect)
	}
	return f
}

// connectTo dials a.addr; release is kept for the connection's end, or called
// when there is none.
func (a *attempt) connectTo(ctx context.Context, limit time.Duration, release func()) error {
	dialCtx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	defer func() {
		if a.s == nil {
			release()
		}
	}()
	c, err := a.dial(dialCtx, a.addr)
	if err == nil {
		a.release, a.s = release, newSession(ctx, c)
	}
	return err
}

// handshake puts TLS on the connection and judges what the server showed.
func (a *attempt) handshake(ctx context.Context, st *Step) *fault {
	w := a.s.wire
	w.mark()
	a.s.deadline(a.limits.Command)
	c := tls.Client(w, a.tlsConfig())
	small := a.watch(ctx, false)
	err := a.s.blame(c.HandshakeContext(ctx))
	if answered := small(); err != nil && answered && timedOut(err) {
		// A small ClientHello is answered, ours is not: something on the way
		// cannot take one of more than one packet.
		return &fault{cause: CauseTLSHandshake, detail: "large ClientHello"}
	}
	if err != nil {
		return a.handshakeFault(err, w.peek())
	}
	cs := c.ConnectionState()
	a.s.startTLS(c)
	j := a.judge(cs.PeerCertificates, cs.OCSPResponse, a.name)
	a.state, a.tls = &cs, tlsInfo(cs, j.info)
	st.TLS, st.Detail = a.tls, j.detail
	f := &fault{}
	if cs.Version < tls.VersionTLS12 {
		f.also = append(f.also, CauseTLSVersionTooOld)
		f.detail = a.tls.Version
	}
	f.also = append(f.also, j.faults...)
	switch {
	case len(f.also) > 0:
		f.cause, f.also = f.also[0], f.also[1:]
		return f
	case j.soon:
		st.Status = StatusWarn
		f.cause = CauseCertExpiring
	default:
		f = nil
	}
	a.verified = true
	return f
}

// tlsConfig accepts every certificate and every version that crypto/tls still
// speaks: what was shown is judged after the handshake, so that all faults can
// be named.
func (a *attempt) tlsConfig() *tls.Config {
	cfg := &tls.Config{
		ServerName: a.name, MinVersion: tls.VersionTLS10,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			a.certAsked.Store(true)
			return &tls.Certificate{}, nil // none
		},
		InsecureSkipVerify: true, //nolint:gosec // judged by judge; no password follows unless it passes
	}
	if _, err := netip.ParseAddr(a.name); err == nil {
		cfg.ServerName = ""
	}
	return cfg
}

// handshakeFault explains a failed handshake; first is how the server's answer began.
func (a *attempt) handshakeFault(err error, first string) *fault {
	if p := speaks(first); p != "tls" && first != "" && !timedOut(err) {
		line, _, _ := strings.Cut(first, "\r")
		line, _, _ = strings.Cut(line, "\n")
		f := &fault{cause: CauseWrongPortOrProtocol, detail: string(p), text: line}
		switch p {
		case a.ep.Protocol:
			f.cause, f.detail = CauseSSLSTARTTLSMismatch, ""
			if g := refusal(a.ep.Protocol, line); g != nil {
				return g
			}
		case "":
			f.cause = CauseTLSHandshake
		case "other":
			f.detail = ""
		}
		return f
	}
	f := errorCause(err, StepTLS)
	if _, alert := alertNumber(err); alert && a.certAsked.Load() {
		f.cause = CauseClientCertificateRequired // TLS 1.2 servers say "handshake failure" to a client without one
	}
	if f.cause == CauseConnectionDropped && first != "" {
		f.cause, f.also = CauseTLSHandshake, []Cause{CauseConnectionDropped}
	}
	return f
}

// watch asks, after a while of silence, on a connection of its own whether the
// server answers a small ClientHello. The returned function ends the watch and
// tells the outcome. With cut, an answer ends the silent conversation at once:
// a server that speaks TLS there will not greet. Without, a slow server keeps
// its time.
func (a *attempt) watch(ctx context.Context, cut bool) func() bool {
	if a.shadow {
		return func() bool { return false }
	}
	silent := func() bool { return a.s.wire.peek() == "" }
	ctx, cancel := context.WithCancel(ctx)
	var answered atomic.Bool
	done := make(chan struct{})
	ask := func() {
		select {
		case <-ctx.Done():
			return
		case <-time.After(a.limits.Silence):
		}
		if !silent() {
			return
		}
		h, err := a.sideHello(ctx, a.addr, tls.VersionTLS12, false)
		if err != nil || h.version == 0 && h.alert == 0 || !silent() {
			return
		}
		answered.Store(true)
		if cut {
			_ = a.s.wire.Conn.SetReadDeadline(time.Unix(1, 0))
		}
	}
	go func() { defer close(done); fence.Do(a.Panicked, ask) }()
	return func() bool { cancel(); <-done; return answered.Load() }
}

// greeting reads the server's first words.
func (a *attempt) greeting(ctx context.Context, st *Step) *fault {
	w := a.s.wire
	encrypted := a.state != nil
	wrongMode := func() bool { return false }
	if !encrypted {
		w.mark()
		wrongMode = a.watch(ctx, true)
	}
	a.s.deadline(a.limits.Greeting)
	r, o, err := a.d.greeting(a.s)
	mismatch := wrongMode()
	if err != nil && mismatch && timedOut(err) {
		return &fault{cause: CauseSSLSTARTTLSMismatch}
	}
	if err != nil && timedOut(err) && len(r.lines) == 0 && (encrypted || w.peek() == "") && !a.shadow {
		if f := a.nudge(); f != nil {
			return f
		}
	}
	a.caps = o
	a.serverClock(r)
	if f := a.greetingFault(r, err, encrypted); f != nil {
		return a.certMissed(f)
	}
	st.ServerText = CleanServerText(lastLine(r.lines))
	return nil
}

// nudge speaks first where no greeting came: what waits for its client to
// begin, such as a web server, answers and shows what it is. It returns nil
// when that is no other service.
func (a *attempt) nudge() *fault {
	a.s.deadline(a.limits.Silence)
	if a.s.send(a.d.quit()) != nil {
		return nil
	}
	line, err := a.s.line()
	if p := speaks(line); err == nil && p != "" && p != a.ep.Protocol {
		return a.greetingFault(reply{lines: []string{line}}, nil, a.state != nil)
	}
	return nil
}

// certMissed corrects a refusal that speaks of a certificate after the server
// asked to see one: nothing else than ours can be meant.
func (a *attempt) certMissed(f *fault) *fault {
	if a.certAsked.Load() && strings.Contains(strings.ToLower(f.text), "certificate") {
		f.cause = CauseClientCertificateRequired
	}
	return f
}

// serverClock reads the date that some servers put into their greeting.
func (a *attempt) serverClock(r reply) {
	for _, layout := range []string{time.RFC1123Z, "Mon, _2 Jan 2006 15:04:05 -0700"} {
		if t, err := time.Parse(layout, greetingDate.FindString(lastLine(r.lines))); err == nil {
			a.emit(Step{Kind: StepClock, Status: StatusOK, Clock: t.Sub(a.now()).Round(time.Second)})
		}
	}
}

// greetingDate is a date as in RFC 5322 section 3.3.
var greetingDate = regexp.MustCompile(`(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [ 0-9]?[0-9] [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4}`)

// greetingFault judges a greeting.
func (a *attempt) greetingFault(r reply, err error, encrypted bool) *fault {
	first := firstLine(r.lines)
	if !encrypted {
		first = cmpOr(first, a.s.wire.peek())
	}
	p := speaks(first)
	switch {
	case p == "tls" && !encrypted:
		return &fault{cause: CauseSSLSTARTTLSMismatch}
	case p != "" && p != a.ep.Protocol:
		f := &fault{cause: CauseWrongPortOrProtocol, text: first}
		if p != "other" && p != "tls" {
			f.detail = string(p)
		}
		return f
	case err != nil:
		f := errorCause(err, StepGreeting)
		f.text = first
		return f
	case r.code == "PREAUTH" && !encrypted:
		return &fault{cause: CausePreauthBeforeTLS, text: first}
	case !r.ok && r.code != "PREAUTH":
		return classify(a.ep.Protocol, StepGreeting, r, Facts{})
	}
	return nil
}

// upgrade asks for TLS.
func (a *attempt) upgrade(st *Step) *fault {
	a.s.deadline(a.limits.Command)
	r, o, err := a.d.startTLS(a.s, a.caps)
	a.before = o
	switch {
	case err != nil:
		f := errorCause(err, StepStartTLS)
		f.text = lastLine(r.lines)
		return f
	case o.known && !o.starttls:
		f := &fault{cause: CauseSTARTTLSMissing}
		if masked(r.lines) {
			f.cause, f.text = CauseSTARTTLSStripped, strings.Join(r.lines, " ")
		} else if a.target.Provider != "" {
			f.also = []Cause{CauseSTARTTLSStripped}
		}
		return f
	case !o.known && !r.ok && a.ep.Protocol == mailconf.SMTP:
		return classify(a.ep.Protocol, StepGreeting, r, Facts{})
	case !r.ok:
		return classify(a.ep.Protocol, StepStartTLS, r, Facts{})
	case a.s.buffered():
		return &fault{cause: CauseSTARTTLSInjection}
	}
	if o.plain() && !o.disabled {
		st.Also = append(st.Also, CausePlaintextLoginAllowed)
	}
	a.caps = offer{} // what was said before TLS does not count after it (RFC 3207 section 4.2, RFC 9051 section 6.2.1)
	return nil
}

// capabilities reads what the server offers in the end, unless the greeting said it.
func (a *attempt) capabilities(st *Step) *fault {
	if !a.caps.known {
		a.s.deadline(a.limits.Command)
		r, o, err := a.d.capabilities(a.s)
		if err != nil {
			f := errorCause(err, StepCaps)
			f.text = lastLine(r.lines)
			return f
		}
		if !r.ok {
			return a.certMissed(classify(a.ep.Protocol, StepCaps, r, Facts{}))
		}
		a.caps = o
		if masked(r.lines) && a.ep.Security == mailconf.Plain {
			st.Also = append(st.Also, CauseSTARTTLSStripped)
		}
	}
	st.Auth = a.authInfo()
	return a.offered(st)
}

// authInfo is the report's view of the capabilities.
func (a *attempt) authInfo() *AuthInfo {
	i := &AuthInfo{MechanismsBeforeTLS: []string{}, Mechanisms: a.caps.names(a.ep.Protocol)}
	switch {
	case a.ep.Security == mailconf.STARTTLS:
		i.MechanismsBeforeTLS = a.before.names(a.ep.Protocol)
	case a.ep.Security == mailconf.Plain:
		i.MechanismsBeforeTLS = i.Mechanisms
	}
	return i
}

// offered judges whether a mail program could log in here.
func (a *attempt) offered(st *Step) *fault {
	o := a.caps
	if a.ep.Security == mailconf.Plain {
		switch {
		case !o.starttls:
			return &fault{cause: CauseNoEncryption}
		case o.disabled || !o.plain() && len(o.mechs) == 0:
			return &fault{cause: CauseEncryptionRequired}
		}
		st.Status = StatusWarn
		return &fault{cause: CausePlaintextLoginAllowed}
	}
	switch {
	case len(o.mechs) == 0 && !o.login && a.ep.Protocol == mailconf.SMTP && a.ep.Port == 25:
		return &fault{cause: CauseMTANotSubmission}
	case len(o.mechs) == 0 && !o.login:
		return &fault{cause: CauseAuthNotOffered}
	case oauthOnly(o):
		st.Also = append(st.Also, CauseOAuthRequired)
	}
	return nil
}

func timedOut(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

func firstLine(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return lines[0]
}

func lastLine(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return lines[len(lines)-1]
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
