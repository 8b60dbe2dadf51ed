package bot_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
)

// A fault inside a probe costs that probe: it is called the bot's own, the log
// says where it was and not what it quoted, and the next test is run.
func TestPanicInAProbe(t *testing.T) {
	c := newCrowd(t)
	close(c.gate)
	var log bytes.Buffer
	c.bot.Log = slog.New(slog.NewTextHandler(&log, nil))
	c.bot.Prober.Panicked = func(v any) { bot.LogPanic(c.bot.Log, v) }
	facts, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	book := knowledge.NewBook(facts)
	c.bot.Learn(book, match.New(book))
	inner := c.bot.Prober.Dial
	var once atomic.Bool
	c.bot.Prober.Dial = func(ctx context.Context, a netip.AddrPort) (net.Conn, error) {
		if once.CompareAndSwap(false, true) {
			panic("canary-3f9 in a bug")
		}
		return inner(ctx, a)
	}
	_, text := c.ask(message("U1", "C1", host(1)))
	if !strings.Contains(text, "Fehler im Test selbst") && !strings.Contains(text, "Fault in the test itself") {
		t.Errorf("the fault is not called the bot's own:\n%s", text)
	}
	if got := log.String(); !strings.Contains(got, "panic=string") || !strings.Contains(got, "connectTo") || strings.Contains(got, "canary") {
		t.Errorf("the log does not say where and nothing else:\n%s", got)
	}
	c.tested(message("U1", "C1", host(2)))
}
