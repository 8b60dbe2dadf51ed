package bot_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// searched asks for the settings of a domain and returns the last answer.
func searched(b *bot.Bot, platform, user, channel, domain string) (last bot.Answer, text string) {
	m := bot.Message{
		Platform: platform, Tenant: "T", User: user, Channel: channel, Kind: bot.KindCommand, Lang: "de",
		Command: &bot.Command{Name: "settings", Args: domain},
	}
	for a := range b.Handle(context.Background(), m) {
		last = a
	}
	return last, bot.PlainText(last)
}

func TestSearchRates(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	domain := func(i int) string { return fmt.Sprintf("d%d-example.net", i) }
	for _, c := range []struct {
		name    string
		allowed int
		ask     func(b *bot.Bot, i int) (bot.Answer, string)
		wait    string
	}{
		{"user", 6, func(b *bot.Bot, i int) (bot.Answer, string) {
			return searched(b, "slack", "U1", fmt.Sprint("C", i), domain(i))
		}, "in 10 s"},
		{"channel", 20, func(b *bot.Bot, i int) (bot.Answer, string) {
			return searched(b, "slack", fmt.Sprint("U", i), "C1", domain(i))
		}, "in 3 s"},
		{"domain", 2, func(b *bot.Bot, i int) (bot.Answer, string) {
			return searched(b, "slack", fmt.Sprint("U", i), fmt.Sprint("C", i), "silent.example")
		}, "in 30 s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := searcher(t, &now)
			b.Finder.Budget = 50 * time.Millisecond
			b.Finder.Resolver = "127.0.0.1:1" // nothing is found and nothing is kept
			for i := range c.allowed {
				if a, text := c.ask(b, i); a.Private {
					t.Fatalf("search %d is refused: %s", i, text)
				}
			}
			a, text := c.ask(b, c.allowed)
			if !a.Private || !strings.Contains(text, c.wait) || !strings.Contains(text, "/settings") {
				t.Errorf("not refused: %s", text)
			}
		})
	}
}

// What is kept costs nothing, and the terminal has no limits.
func TestFreeSearches(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	b := searcher(t, &now, srvRecords...)
	for range 10 {
		if a, text := searched(b, "slack", "U1", "C1", "example.org"); a.Private || !strings.Contains(text, "imap.example.org") {
			t.Fatalf("refused: %s", text)
		}
	}
	b.Finder.Budget = 50 * time.Millisecond
	b.Finder.Resolver = "127.0.0.1:1"
	for i := range 10 {
		if a, text := searched(b, "console", "", "", fmt.Sprintf("d%d-example.net", i)); a.Private {
			t.Fatalf("refused: %s", text)
		}
	}
}
