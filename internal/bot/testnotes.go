package bot

import (
	"fmt"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
)

// notes are what a test found besides its verdict: whose clock is wrong, and
// what was noted about the domain.
func (v *view) notes(r *diagnose.Report) []Block {
	var out []Block
	if r.Cause != nil && *r.Cause == diagnose.CauseClockWrong && r.ClockS != nil {
		key := "test.clock.slow" // the server's clock is ahead of ours
		if *r.ClockS < 0 {
			key = "test.clock.fast"
		}
		d := (time.Duration(*r.ClockS) * time.Second).Abs()
		out = append(out, Paragraph{Spans(T(v.say(key, "by", v.days(d))))})
	}
	if list := v.domainNotes(r.Domain); len(list) > 0 {
		out = append(out, Hint{Spans(T(v.say("test.domain", "name", clip(r.Domain.Name), "list", strings.Join(list, "; "))))})
	}
	return out
}

// days is a span of a day or more.
func (v *view) days(d time.Duration) string {
	n := int(d.Hours() / 24)
	if n == 1 {
		return v.say("test.day")
	}
	return v.say("test.days", "n", fmt.Sprint(n))
}

// domainNotes says what binds servers that deliver to a domain.
func (v *view) domainNotes(d *diagnose.DomainInfo) []string {
	if d == nil {
		return nil
	}
	var out []string
	switch s := d.MTASTS; {
	case s == nil:
	case s.Problem != "" && s.Problem != diagnose.MTASTSLate:
		out = append(out, v.say("test.mtasts.problem", "problem", v.say("mtasts."+s.Problem)))
	case s.Mode != "":
		out = append(out, v.say("test.mtasts", "mode", s.Mode))
	}
	signed := 0
	for _, t := range d.DANE {
		if t.Signed && t.Usable > 0 {
			signed++
		}
	}
	switch {
	case signed > 0:
		out = append(out, v.say("test.dane", "n", fmt.Sprint(signed), "of", fmt.Sprint(len(d.MX))))
	case len(d.DANE) > 0:
		out = append(out, v.say("test.dane.unsigned"))
	}
	return out
}
