package main

import (
	"strings"
	"testing"
)

// TestPasswordIsNoArgument types passwords where none belongs.
func TestPasswordIsNoArgument(t *testing.T) {
	for _, args := range [][]string{
		{"test", "--auth", "gmx", canaryPassword},
		{"test", "gmx", "imap", "Sommer2026!"},
		{"test", "--auth", "anna@gmx.de:" + canaryPassword},
		{"test", "imaps://anna:" + canaryPassword + "@imap.gmx.net"},
		{"test", "--password=" + canaryPassword, "gmx"},
		{"test", "-p", canaryPassword, "gmx"},
	} {
		r := cli(t, "", []string{"MAILHELPBOT_DB=:memory:"}, args...)
		if r.status != exitUsage {
			t.Errorf("%v: status %d\n%s%s", args[:2], r.status, r.out, r.err)
		}
		for _, l := range append(leaks(canaryPassword, map[string]string{"output": r.out + r.err}), leaks("Sommer2026!", map[string]string{"output": r.out + r.err})...) {
			t.Errorf("%v: %s", args[:2], l)
		}
		if !strings.HasPrefix(args[1], "-p") && !strings.HasPrefix(args[1], "--p") && !strings.Contains(r.err, "test --auth TARGET") {
			t.Errorf("%v: no advice:\n%s", args[:2], r.err)
		}
	}
}
