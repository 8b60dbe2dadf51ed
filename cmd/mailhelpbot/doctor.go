package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// level is how bad a finding is. A warning leaves the exit status alone: the
// bot works, with something less.
type level int

const (
	fine level = iota
	warning
	failure
)

// finding is one line of `doctor`: what was looked at, what is wrong with it,
// and what to do about that.
type finding struct {
	level         level
	what          string
	wrong, remedy string // "" when nothing is
}

// doctor looks at the surroundings of the bot. What it says is in the language
// of the terminal.
type doctor struct {
	in   *invocation
	lang string
	now  func() time.Time
	free func(path string) (bytes uint64, err error) // disk space; nil where the system cannot say

	resolves bool          // names can be resolved
	ahead    time.Duration // how far the clock is ahead of a platform's
	dated    bool          // a platform told the time
}

// check is one thing that the doctor looks at.
type check func(context.Context, *doctor) []finding

// quickChecks need no network.
func quickChecks() []check {
	return []check{checkSettings, checkDatabase, checkDisk, checkKnowledge, checkRoots}
}

// allChecks are in an order in which a later one can build on an earlier.
func allChecks() []check {
	return append(quickChecks(), checkResolver, checkPorts, checkSlack, checkDiscord, checkNoPlatform, checkClock, checkPublicURL)
}

// runDoctor checks what the bot needs from its surroundings. The exit status
// is 1 when something is wrong.
func runDoctor(ctx context.Context, in *invocation) error {
	quick := in.flags.Bool("quick", false, "")
	ready := in.flags.Bool("ready", false, "")
	if err := in.parse(); err != nil {
		return err
	}
	if *ready {
		return askReady(ctx, in)
	}
	d := &doctor{in: in, lang: "en", now: time.Now, free: freeSpace}
	if in.env.Lang == "de" {
		d.lang = "de"
	}
	checks := allChecks()
	if *quick {
		checks = quickChecks()
	}
	failed := false
	for _, c := range checks {
		for _, f := range c(ctx, d) {
			d.print(f)
			failed = failed || f.level == failure
		}
	}
	if failed {
		return statusError(exitFailure)
	}
	return nil
}

func (d *doctor) print(f finding) {
	word := map[level]string{fine: "ok", warning: "warn", failure: "FAIL"}[f.level]
	if f.level == fine {
		fmt.Fprintf(d.in.out, "%-4s  %s\n", word, f.what)
		return
	}
	fmt.Fprintf(d.in.out, "%-4s  %s: %s\n      %s\n", word, f.what, f.wrong, f.remedy)
}

// say is a text of the table, with the pairs put in.
func (d *doctor) say(key string, pairs ...string) string {
	s := doctorTexts()[key].in(d.lang)
	for i := 0; i+1 < len(pairs); i += 2 {
		s = strings.ReplaceAll(s, "{"+pairs[i]+"}", pairs[i+1])
	}
	return s
}

// ok is a finding without fault.
func (d *doctor) ok(key string, pairs ...string) finding { return finding{what: d.say(key, pairs...)} }

// bad is a fault: key names what was looked at, key.fault what is wrong, and
// key.fault.do the remedy.
func (d *doctor) bad(l level, key, fault string, pairs ...string) finding {
	return finding{l, d.say(key, pairs...), d.say(key+"."+fault, pairs...), d.say(key+"."+fault+".do", pairs...)}
}

// checkSettings tells what in the environment could not be read.
func checkSettings(_ context.Context, d *doctor) []finding {
	if len(d.in.faults) == 0 {
		return []finding{d.ok("settings")}
	}
	var out []finding
	for _, f := range d.in.faults {
		out = append(out, d.bad(failure, "setting", "wrong", "name", f.name, "why", f.err.Error()))
	}
	return out
}

// faulty says that a setting could not be read, and so seems not to be set.
func (d *doctor) faulty(name string) bool {
	for _, f := range d.in.faults {
		if f.name == name || f.name == name+"_FILE" {
			return true
		}
	}
	return false
}
