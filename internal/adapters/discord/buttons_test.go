package discord

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

func TestCustomIDRoundTrip(t *testing.T) {
	long := strings.Repeat("imap gmx ", 200)
	for _, a := range []bot.Action{
		{ID: "test", Value: "smtp gmx"},
		{ID: "test", Value: "a|b|c"},
		{ID: "test", Value: ""},
		{ID: "test", Value: long},
		{ID: "test", Value: "\xff"},
		{ID: "note", Value: "gmx", Ask: true},
		{ID: "note", Value: long, Ask: true},
		{ID: "od|d", Value: "v"},
		{ID: strings.Repeat("i", 120), Value: "v"},
		{ID: "test", Value: strings.Repeat("ü", 47)},
	} {
		rows, keys := buttons([]bot.Action{a})
		table := newRecent[bot.Action](4)
		for id, k := range keys {
			table.put(id, k)
		}
		got, ok := readCustomID(customID(a), table)
		if len(rows) != 1 || !ok || got != a {
			t.Errorf("%.60s came back as %.60s, %v", fmt.Sprint(a), fmt.Sprint(got), ok)
		}
	}
}

func TestKeyTableForgetsTheOldest(t *testing.T) {
	table := newRecent[bot.Action](3)
	var ids []string
	for i := range 5 {
		a := bot.Action{ID: "test", Value: strings.Repeat("x", 200) + fmt.Sprint(i)}
		_, keys := buttons([]bot.Action{a, a})
		for id, k := range keys {
			table.put(id, k)
			table.put(id, k)
		}
		ids = append(ids, customID(a))
	}
	for i, id := range ids {
		a, ok := readCustomID(id, table)
		if kept := a.Value != ""; !ok || a.ID != "test" || kept != (i >= 2) {
			t.Errorf("%d: %.30v %v", i, a, ok)
		}
	}
	if len(table.m) != 3 {
		t.Errorf("%d entries", len(table.m))
	}
}

func TestForeignCustomIDs(t *testing.T) {
	table := newRecent[bot.Action](1)
	for _, id := range []string{"", "x", "a", "a|", "a||v", "k||", "z|a|b", "k||abc"} {
		if a, ok := readCustomID(id, table); ok {
			t.Errorf("%q was taken for %v", id, a)
		}
	}
}
