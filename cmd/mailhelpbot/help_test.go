package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestHelpOfEachCommand holds that every way to ask for a command's help gives
// it, with all of its flags and subcommands.
func TestHelpOfEachCommand(t *testing.T) {
	for _, c := range commands() {
		if c.name == "help" {
			continue
		}
		want := cli(t, "", nil, "help", c.name)
		if want.status != exitOK || !strings.HasPrefix(want.out, "Usage: mailhelpbot "+c.name) {
			t.Errorf("help %s: status %d, %q, %q", c.name, want.status, want.out, want.err)
		}
		for _, ask := range []string{"-h", "--help"} {
			if got := cli(t, "", nil, c.name, ask); got != want {
				t.Errorf("%s %s: status %d, %q, %q", c.name, ask, got.status, got.out, got.err)
			}
		}
		for _, flag := range regexp.MustCompile(`--[a-z]+`).FindAllString(c.args, -1) {
			if !strings.Contains(details[c.name], flag) {
				t.Errorf("the help of %s does not explain %s", c.name, flag)
			}
		}
	}
	for name := range kbCommands() {
		if !strings.Contains(details["kb"], "  kb "+name) {
			t.Errorf("the help of kb lacks %s", name)
		}
	}
	if r := cli(t, "", nil, "help", "frobnicate"); r.status != exitUsage || !strings.Contains(r.err, "frobnicate") {
		t.Errorf("help of nothing: %+v", r)
	}
}

func TestPickTheCommand(t *testing.T) {
	for _, c := range []struct{ args, name, rest string }{
		{"", "", ""},
		{"ask --db x hello", "ask", "--db x hello"},
		{"--db x ask hello", "ask", "hello --db x"},
		{"--db=x --knowledge y kb list", "kb", "list --db=x --knowledge y"},
		{"-db x chat", "chat", "-db x"},
		{"--db x", "", "--db x"},
		{"--db", "", "--db"},
		{"--lang de", "", "--lang de"},
		{"--db x --lang de", "", "--db x --lang de"},
		{"--version", "version", ""},
		{"--version --json", "version", "--json"},
		{"-h", "help", ""},
		{"help kb", "help", "kb"},
	} {
		name, rest := pick(strings.Fields(c.args))
		if want := strings.Fields(c.rest); name != c.name || !slices.Equal(rest, want) {
			t.Errorf("%q: %q %q", c.args, name, rest)
		}
	}
}
