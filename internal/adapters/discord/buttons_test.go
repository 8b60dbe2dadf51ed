package discord

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// alone is an adapter that is not connected.
func alone(t *testing.T, changes ...func(*Config)) *Adapter {
	t.Helper()
	cfg := Config{Token: "t", Log: newDiscardLog()}
	for _, c := range changes {
		c(&cfg)
	}
	a, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestCustomIDRoundTrip(t *testing.T) {
	long := strings.Repeat("imap gmx ", 200)
	memory := newProcess()
	same := func(c *Config) { c.Memory = memory }
	for _, a := range []bot.Action{
		{ID: "test", Value: "smtp gmx"},
		{ID: "test", Value: "a|b|c"},
		{ID: "test", Value: ""},
		{ID: "test", Value: long},
		{ID: "note", Value: "gmx", Ask: true},
		{ID: "note", Value: long, Ask: true},
		{ID: "od|d", Value: "v"},
		{ID: strings.Repeat("i", 120), Value: "v"},
		{ID: "test", Value: strings.Repeat("ü", 47)},
	} {
		rows, keys := buttons([]bot.Action{a})
		alone(t, same).keepKeys(keys)
		got, ok := alone(t, same).readCustomID(customID(a)) // another process
		if len(rows) != 1 || !ok || got != a {
			t.Errorf("%.60s came back as %.60s, %v", fmt.Sprint(a), fmt.Sprint(got), ok)
		}
	}
}

// A button whose value is gone is none: what it would have tested is not guessed.
func TestALongButtonIsForgottenOneDay(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	a := alone(t, func(c *Config) { c.Now = func() time.Time { return now } })
	action := bot.Action{ID: "test", Value: strings.Repeat("x", 200)}
	_, keys := buttons([]bot.Action{action, action})
	a.keepKeys(keys)
	now = now.Add(keepButtons - time.Minute)
	if got, ok := a.readCustomID(customID(action)); !ok || got != action {
		t.Errorf("%v %v", got, ok)
	}
	now = now.Add(2 * time.Minute)
	if got, ok := a.readCustomID(customID(action)); ok {
		t.Errorf("%v", got)
	}
}

func TestForeignCustomIDs(t *testing.T) {
	a := alone(t)
	for _, id := range []string{"", "x", "a", "a|", "a||v", "k||", "z|a|b", "k||abc", "k|test|abc", "a|test|\xff", "A", "K|x|", "|||"} {
		if got, ok := a.readCustomID(id); ok {
			t.Errorf("%q was taken for %v", id, got)
		}
	}
}

func TestRecentForgetsTheOldest(t *testing.T) {
	r := newRecent[int](3)
	for i := range 5 {
		r.put(fmt.Sprint(i), i)
		r.put(fmt.Sprint(i), i)
	}
	for i := range 5 {
		if _, ok := r.get(fmt.Sprint(i)); ok != (i >= 2) {
			t.Errorf("%d: %v", i, ok)
		}
	}
}
