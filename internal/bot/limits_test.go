package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/mailtest"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

// crowd is a bot that many people ask, with a clock and a network of its own.
// Every connection is counted and goes to one mail server once gate is open.
type crowd struct {
	t     *testing.T
	bot   *bot.Bot
	now   atomic.Int64 // seconds
	dials atomic.Int64
	ports sync.Map // that were dialled
	gate  chan struct{}
}

// newCrowd makes the hosts mail.example.org and hN.example.org: h0 to h19 have
// a network each, h20 and up share one.
func newCrowd(t *testing.T) *crowd {
	t.Helper()
	server := mailtest.Start(mailtest.Options{})
	t.Cleanup(server.Close)
	zone := map[string]mailtest.Name{"mail.example.org": {Addrs: []netip.Addr{netip.MustParseAddr("8.8.100.1")}}}
	for i := range 40 {
		a := [4]byte{8, 8, byte(i), 1}
		if i >= 20 {
			a = [4]byte{8, 8, 200, byte(i)}
		}
		zone[fmt.Sprintf("h%d.example.org", i)] = mailtest.Name{Addrs: []netip.Addr{netip.AddrFrom4(a)}}
		six := netip.MustParseAddr(fmt.Sprintf("2a00:1450:4001:%d::1", i))
		zone[fmt.Sprintf("s%d.example.org", i)] = mailtest.Name{Addrs: []netip.Addr{netip.AddrFrom4([4]byte{8, 8, byte(i), 2}), six}}
	}
	dns := mailtest.StartDNS(zone)
	t.Cleanup(dns.Close)
	c := &crowd{t: t, gate: make(chan struct{})}
	clock := func() time.Time {
		return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).Add(time.Duration(c.now.Load()) * time.Second)
	}
	st, err := store.Open(t.Context(), store.Memory, clock())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	c.bot = &bot.Bot{Store: st, Now: clock, Log: slog.New(slog.DiscardHandler), Prober: &diagnose.Prober{
		Resolver: dns.Addr,
		Dial: func(ctx context.Context, addr netip.AddrPort) (net.Conn, error) {
			c.dials.Add(1)
			c.ports.Store(addr.Port(), true)
			select {
			case <-c.gate:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			return new(net.Dialer).DialContext(ctx, "tcp", server.AddrPort().String())
		},
	}}
	book := knowledge.NewBook(knowledge.Facts{})
	c.bot.Learn(book, match.New(book))
	return c
}

func message(user, channel, target string) bot.Message {
	return bot.Message{
		Platform: "slack", Tenant: "T", User: user, Channel: channel, Kind: bot.KindCommand, Lang: "de",
		Command: &bot.Command{Name: "test", Args: target},
	}
}

// ask returns the last answer to a test.
func (c *crowd) ask(m bot.Message) (last bot.Answer, text string) {
	for a := range c.bot.Handle(c.t.Context(), m) {
		last = a
	}
	return last, bot.PlainText(last)
}

// refused holds that a test is refused with words and a time, and that nothing is dialled.
func (c *crowd) refused(m bot.Message, words ...string) {
	c.t.Helper()
	before := c.dials.Load()
	a, text := c.ask(m)
	if !a.Private || a.Partial || c.dials.Load() != before {
		c.t.Errorf("not refused: %s", text)
	}
	for _, w := range words {
		if !strings.Contains(text, w) {
			c.t.Errorf("%q is not in %q", w, text)
		}
	}
}

func (c *crowd) tested(m bot.Message) {
	c.t.Helper()
	before := c.dials.Load()
	if a, text := c.ask(m); a.Private || c.dials.Load() == before {
		c.t.Errorf("%s was not tested: %s", m.Command.Args, text)
	}
}

func host(i int) string { return fmt.Sprintf("h%d.example.org:993", i) }

func TestUserRate(t *testing.T) {
	c := newCrowd(t)
	close(c.gate)
	for i := range 3 {
		c.tested(message("U1", fmt.Sprint("C", i), host(i)))
	}
	c.refused(message("U1", "C9", host(3)), "mehrere Tests", "in 20 s", "/test h3.example.org:993")
	c.tested(message("U2", "C9", host(3)))
	c.now.Add(20)
	c.tested(message("U1", "C9", host(4)))
}

func TestUserRateOfAnHour(t *testing.T) {
	c := newCrowd(t)
	close(c.gate)
	tests, wait := 0, ""
	for i := range 90 { // half an hour, one every 20 s
		m := message("U1", fmt.Sprint("C", i%20), host(i%20))
		m.Lang = "en"
		if a, text := c.ask(m); !a.Private {
			tests++
		} else if wait == "" {
			wait = text
		}
		c.now.Add(20)
	}
	if tests != 29 { // twenty, and one more every 3 min
		t.Errorf("%d tests in half an hour", tests)
	}
	if !strings.Contains(wait, "several tests") || !strings.Contains(wait, "Try again in") {
		t.Errorf("refused with %q", wait)
	}
}

func TestChannelRate(t *testing.T) {
	c := newCrowd(t)
	close(c.gate)
	for i := range 10 {
		c.tested(message(fmt.Sprint("U", i), "C1", host(i)))
	}
	c.refused(message("U10", "C1", host(10)), "In diesem Kanal", "in 6 s")
	c.tested(message("U10", "C2", host(10)))
}

func TestHostRate(t *testing.T) {
	c := newCrowd(t)
	close(c.gate)
	c.tested(message("U1", "C1", "mail.example.org:993"))
	c.tested(message("U2", "C2", "mail.example.org:465"))
	c.refused(message("U3", "C3", "mail.example.org:995"), "mail.example.org wurde gerade erst getestet", "in 30 s")
	c.now.Add(30)
	c.tested(message("U3", "C3", "mail.example.org:995"))
}

// The network of a name is known before its first run, so names that were
// never seen are refused like others.
func TestNetworkRate(t *testing.T) {
	c := newCrowd(t)
	close(c.gate)
	for i := range 10 {
		c.tested(message(fmt.Sprint("U", i), fmt.Sprint("C", i), host(20+i)))
	}
	c.refused(message("U20", "C20", "h20.example.org:465"), "8.8.200.0/24", "in 6 s")
	c.refused(message("U22", "C22", host(35)), "8.8.200.0/24", "in 6 s")
	c.tested(message("U21", "C21", host(1)))
}

// A network of IPv6 counts for itself, beside that of IPv4.
func TestNetworkRateOfIPv6(t *testing.T) {
	c := newCrowd(t)
	close(c.gate)
	for i := range 10 {
		c.tested(message(fmt.Sprint("U", i), fmt.Sprint("C", i), fmt.Sprintf("s%d.example.org:993", i)))
	}
	c.refused(message("U20", "C20", "s10.example.org:993"), "2a00:1450:4001::/48", "in 6 s")
}

// A resolver that is silent does not let names past the limits of users and
// channels, and is not waited for by the clock of a test.
func TestRateOfUnknownNames(t *testing.T) {
	c := newCrowd(t)
	close(c.gate)
	for i := range 3 {
		if a, text := c.ask(message("U1", "C1", fmt.Sprintf("gone%d.example.org:993", i))); a.Private {
			t.Errorf("refused: %s", text)
		}
	}
	c.refused(message("U1", "C1", "gone9.example.org:993"), "mehrere Tests")
}

func TestResultIsGivenAgain(t *testing.T) {
	c := newCrowd(t)
	close(c.gate)
	c.tested(message("U1", "C1", "mail.example.org:993"))
	dials := c.dials.Load()
	c.now.Add(20)
	for range 5 { // what is not probed is not counted
		if a, text := c.ask(message("U1", "C1", "mail.example.org:993")); a.Private || !strings.Contains(text, "Ergebnis von vor 20 s. Neu testen kannst du in 40 s.") {
			t.Errorf("got %s", text)
		}
	}
	if c.dials.Load() != dials {
		t.Error("it was tested again")
	}
	c.now.Add(40)
	c.tested(message("U1", "C1", "mail.example.org:993"))
}

// Who asks for what is being tested looks on; who asks for something else on
// the same host waits.
func TestOneRunAtATime(t *testing.T) {
	c := newCrowd(t)
	texts := make([]string, 4)
	var began, wg sync.WaitGroup
	for i := range texts {
		target := "mail.example.org:993"
		if i == 3 {
			target = "mail.example.org:465"
		}
		began.Add(1)
		wg.Go(func() {
			first := true
			for a := range c.bot.Handle(t.Context(), message(fmt.Sprint("U", i), "C1", target)) {
				if texts[i] = bot.PlainText(a); first {
					first = false
					began.Done()
				}
			}
		})
	}
	began.Wait()
	_, imaps := c.ports.Load(uint16(993))
	_, submissions := c.ports.Load(uint16(465))
	if imaps && submissions {
		t.Error("two runs at one host at the same time")
	}
	close(c.gate)
	wg.Wait()
	for i, text := range texts {
		if !strings.Contains(text, "Ursache") || strings.Contains(text, "Ergebnis von") {
			t.Errorf("asker %d got %q", i, text)
		}
	}
}

// A run ends when the last one who looks on leaves, not before.
func TestRunEndsWithItsLastWatcher(t *testing.T) {
	c := newCrowd(t)
	first, cancel := context.WithCancel(t.Context())
	defer cancel()
	var text string
	for a := range c.bot.Handle(first, message("U1", "C1", "mail.example.org:993")) {
		if text == "" {
			for range c.bot.Handle(t.Context(), message("U2", "C1", "mail.example.org:993")) {
				break // looked on and left
			}
			cancel()
		}
		text = bot.PlainText(a)
	}
	if !strings.Contains(text, "abgebrochen") {
		t.Errorf("the cancelled asker got %q", text)
	}
	close(c.gate)
	c.tested(message("U2", "C1", "mail.example.org:993"))
}

func TestTerminalHasNoLimits(t *testing.T) {
	c := newCrowd(t)
	close(c.gate)
	for range 5 {
		m := message("", "terminal", "mail.example.org:993")
		m.Platform = "console"
		c.tested(m)
	}
}

func TestTwentyProbesAtOnce(t *testing.T) {
	c := newCrowd(t)
	var began, wg sync.WaitGroup
	for i := range 30 {
		began.Add(1)
		wg.Go(func() {
			first := true
			for range c.bot.Handle(t.Context(), message(fmt.Sprint("U", i), fmt.Sprint("C", i), host(i))) {
				if first {
					first = false
					began.Done()
				}
			}
		})
	}
	began.Wait()
	if got := c.bot.Probes(); got > 20 {
		t.Errorf("%d endpoints are probed at once", got)
	}
	close(c.gate)
	wg.Wait()
	c.now.Add(3601)
	c.tested(message("U1", "C1", host(0)))
	if n := c.bot.Remembered(); n > 10 {
		t.Errorf("%d entries are left after an hour", n)
	}
}
