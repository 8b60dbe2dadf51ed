package mailtest

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// Stage is a point of a conversation at which a server can misbehave.
type Stage string

// The stages in the order of a conversation. A server with implicit TLS meets
// StageTLS before StageGreeting.
const (
	StageConnect      Stage = "connect"
	StageGreeting     Stage = "greeting"
	StageSTARTTLS     Stage = "starttls"
	StageTLS          Stage = "tls"
	StageCapabilities Stage = "capabilities" // the first ones, before STARTTLS
	StageAuth         Stage = "auth"
	StageOpen         Stage = "open"
)

// Fault is what happens at a stage in the place of the usual answer. The zero
// value is silence.
type Fault struct {
	Say    string        // these bytes; "{tag}" stands for the tag of the IMAP command
	Forge  string        // further bytes right behind the usual answer, in the same packet
	Repeat string        // these bytes again and again, until the client goes
	Every  time.Duration // pause between the bytes of Say, one at a time
	Close  bool          // then close
	Reset  bool          // then close with a TCP reset
	Go     bool          // then go on as usual
}

// Options say how a server behaves. The zero value of a field is a server
// without fault: certificate, capabilities and one account are in order.
type Options struct {
	Protocol mailconf.Protocol // "" is IMAP
	Security mailconf.Security // "" is implicit TLS
	Listen   string            // host:port, "" is 127.0.0.1:0
	Host     string            // name in the certificate, "" is mail.example.org

	Authority *Authority // nil: one of its own
	Cert      Cert
	TLS       func(*tls.Config) // last word on the TLS settings

	Greeting  string   // whole greeting without its line end
	Caps      []string // capabilities, after TLS where there is STARTTLS
	BeforeTLS []string // capabilities before TLS
	SilentCap bool     // IMAP: the greeting does not list capabilities

	UserNeedsTLS bool // POP3: USER is refused before TLS, even where it is listed

	Users  map[string]string // name to password; nil: anna@example.org with "geheim"
	Refuse string            // answer to a wrong password; the IMAP tag is put in front
	Accept string            // answer to a right password; the IMAP tag is put in front

	Inbox *Inbox // IMAP: shared with other servers; nil: nobody looks

	Faults map[Stage]Fault
}

// Inbox counts the connections that open one mailbox side by side.
type Inbox struct {
	Takes   time.Duration // to open it
	opening atomic.Int32
	clashes atomic.Int32
}

// Clashes is how often the mailbox was opened while it was being opened.
func (b *Inbox) Clashes() int { return int(b.clashes.Load()) }

func (b *Inbox) open() {
	if b == nil {
		return
	}
	if b.opening.Add(1) > 1 {
		b.clashes.Add(1)
	}
	time.Sleep(b.Takes)
	b.opening.Add(-1)
}

// DefaultUser and DefaultPassword are the account of a server without Users.
const (
	DefaultUser     = "anna@example.org"
	DefaultPassword = "geheim"
)

// Server is a running mail server.
type Server struct {
	opts  Options
	ln    net.Listener
	tls   *tls.Config
	done  chan struct{}
	close func()
	wg    sync.WaitGroup // the listener
	mu    sync.Mutex
	quiet *sync.Cond // on mu: a connection is gone
	conns map[net.Conn]bool

	dialled, logins, failed atomic.Int64
}

// Start starts a server.
func Start(o Options) *Server {
	if o.Protocol == "" {
		o.Protocol = mailconf.IMAP
	}
	if o.Security == "" {
		o.Security = mailconf.TLS
	}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Host == "" {
		o.Host = "mail.example.org"
	}
	if o.Authority == nil {
		o.Authority = NewAuthority(time.Now())
	}
	if o.Users == nil {
		o.Users = map[string]string{DefaultUser: DefaultPassword}
	}
	ln, err := net.Listen("tcp", o.Listen)
	must(err)
	s := &Server{opts: o, ln: ln, done: make(chan struct{}), conns: map[net.Conn]bool{}}
	s.quiet = sync.NewCond(&s.mu)
	s.tls = &tls.Config{Certificates: []tls.Certificate{o.Authority.Certificate(o.Cert, o.Host)}, MinVersion: tls.VersionTLS12}
	if o.TLS != nil {
		o.TLS(s.tls)
	}
	s.close = sync.OnceFunc(func() { close(s.done) })
	s.wg.Go(s.accept)
	return s
}

// Wait returns when no connection is open any more. New ones may come
// meanwhile, so this is no WaitGroup.
func (s *Server) Wait() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.conns) > 0 {
		s.quiet.Wait()
	}
}

// Close stops the server and cuts its connections.
func (s *Server) Close() {
	s.close()
	_ = s.ln.Close()
	s.mu.Lock()
	for c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
	s.Wait()
}

// AddrPort is where the server listens.
func (s *Server) AddrPort() netip.AddrPort { return netip.MustParseAddrPort(s.ln.Addr().String()) }

// Endpoint is the server as a mail program is told about it, under the name in its certificate.
func (s *Server) Endpoint() mailconf.Endpoint {
	return mailconf.Endpoint{Protocol: s.opts.Protocol, Host: s.opts.Host, Port: s.AddrPort().Port(), Security: s.opts.Security}
}

// Authority returns who issued the certificate.
func (s *Server) Authority() *Authority { return s.opts.Authority }

// Connections counts the TCP connections so far.
func (s *Server) Connections() int { return int(s.dialled.Load()) }

// Logins counts the passwords that came so far, right or wrong.
func (s *Server) Logins() int { return int(s.logins.Load()) }

// FailedLogins counts the passwords that were refused.
func (s *Server) FailedLogins() int { return int(s.failed.Load()) }

func (s *Server) accept() {
	for {
		c, err := s.ln.Accept()
		if err != nil {
			return
		}
		s.dialled.Add(1)
		s.mu.Lock()
		s.conns[c] = true
		s.mu.Unlock()
		go func() {
			defer func() {
				_ = c.Close()
				s.mu.Lock()
				delete(s.conns, c)
				s.quiet.Broadcast()
				s.mu.Unlock()
			}()
			s.serve(c)
		}()
	}
}

// errEnd ends a conversation.
var errEnd = errors.New("end of conversation")

// conv is one conversation.
type conv struct {
	*Server
	raw  net.Conn
	w    io.Writer
	r    *bufio.Reader
	tag  string
	tls  *tls.Conn
	done bool // capabilities were asked for once
}

func (s *Server) serve(c net.Conn) {
	v := &conv{Server: s, raw: c, w: c, r: bufio.NewReader(c)}
	if v.fault(StageConnect) != nil {
		return
	}
	if s.opts.Security == mailconf.TLS && v.startTLS() != nil {
		return
	}
	if v.fault(StageGreeting) != nil {
		return
	}
	switch s.opts.Protocol {
	case mailconf.IMAP:
		v.imap()
	case mailconf.POP3:
		v.pop3()
	default:
		v.smtp()
	}
}

// fault does what the options want at a stage. nil means: go on as usual.
func (v *conv) fault(st Stage) error {
	f, ok := v.opts.Faults[st]
	if !ok || f.Forge != "" {
		return nil
	}
	if err := v.misbehave(f); err != nil {
		return err
	}
	switch {
	case f.Go:
		return nil
	case f.Reset:
		_ = v.raw.(*net.TCPConn).SetLinger(0)
	case !f.Close:
		_, _ = io.Copy(io.Discard, v.raw) // silence until the client goes
	}
	return errEnd
}

func (v *conv) misbehave(f Fault) error {
	say := strings.ReplaceAll(f.Say, "{tag}", v.tag)
	if f.Every == 0 {
		if _, err := io.WriteString(v.w, say); err != nil {
			return err
		}
	} else {
		for i := range len(say) {
			select {
			case <-v.Server.done:
				return errEnd
			case <-time.After(f.Every):
			}
			if _, err := io.WriteString(v.w, say[i:i+1]); err != nil {
				return err
			}
		}
	}
	for f.Repeat != "" {
		if _, err := io.WriteString(v.w, f.Repeat); err != nil {
			return err
		}
	}
	return nil
}

// startTLS shakes hands.
func (v *conv) startTLS() error {
	if err := v.fault(StageTLS); err != nil {
		return err
	}
	c := tls.Server(v.raw, v.Server.tls)
	if err := c.Handshake(); err != nil {
		return err
	}
	v.tls, v.w, v.r = c, c, bufio.NewReader(c)
	return nil
}

// say writes lines, each with its line end, in one packet; the bytes forged
// for the stage follow in the same packet.
func (v *conv) say(st Stage, lines ...string) error {
	out := strings.Join(lines, "\r\n") + "\r\n"
	if f, ok := v.opts.Faults[st]; ok {
		out += f.Forge
	}
	_, err := io.WriteString(v.w, out)
	return err
}

// line reads one command line.
func (v *conv) line() (string, error) {
	s, err := v.r.ReadString('\n')
	return strings.TrimRight(s, "\r\n"), err
}

// caps are the capabilities that hold now.
func (v *conv) caps() []string {
	if v.opts.Security == mailconf.STARTTLS && v.tls == nil {
		if v.opts.BeforeTLS != nil {
			return v.opts.BeforeTLS
		}
		return map[mailconf.Protocol][]string{
			mailconf.IMAP: {"IMAP4rev1", "SASL-IR", "STARTTLS", "LOGINDISABLED"},
			mailconf.POP3: {"TOP", "UIDL", "STLS"},
			mailconf.SMTP: {"PIPELINING", "STARTTLS"},
		}[v.opts.Protocol]
	}
	if v.opts.Caps != nil {
		return v.opts.Caps
	}
	return map[mailconf.Protocol][]string{
		mailconf.IMAP: {"IMAP4rev1", "SASL-IR", "AUTH=PLAIN", "AUTH=LOGIN"},
		mailconf.POP3: {"TOP", "UIDL", "USER", "SASL PLAIN LOGIN"},
		mailconf.SMTP: {"PIPELINING", "AUTH PLAIN LOGIN"},
	}[v.opts.Protocol]
}

// capsFault lets the first question for capabilities go wrong.
func (v *conv) capsFault() error {
	if v.done {
		return nil
	}
	v.done = true
	return v.fault(StageCapabilities)
}
