package fakeslack

import (
	"fmt"
	"strings"
)

// quiet are the calls that are no part of a conversation.
var quiet = []string{"api.test", "auth.test", "apps.connections.open", "users.info"}

// callLine is a call in the transcript; mu is held.
func (s *Server) callLine(c Call) string {
	var b strings.Builder
	b.WriteString("  " + c.Method)
	if ch := c.Args["channel"]; ch != "" {
		b.WriteString(" " + s.world.channelLabel(ch))
		b.WriteString(s.threadLabel(ch, c.Args["thread_ts"]))
	}
	for _, k := range []string{"user", "response_type"} {
		if v := c.Args[k]; v != "" {
			b.WriteString(" " + k + "=" + s.world.userLabel(v))
		}
	}
	if c.Args["replace_original"] == "true" {
		b.WriteString(" replacing")
	}
	if c.Error != "" {
		b.WriteString(" -> " + c.Error)
	}
	if t := c.Args["text"]; t != "" {
		b.WriteString(": " + short(s.readable1(unescape(t)), 160))
	}
	return b.String()
}

// threadLabel names a thread by the beginning of its first message; mu is held.
func (s *Server) threadLabel(channel, ts string) string {
	if ts == "" {
		return ""
	}
	m := s.world.message(channel, ts)
	if m == nil {
		return " (thread " + ts + ")"
	}
	return fmt.Sprintf(" (thread %q)", short(s.readable1(unescape(m.Text)), 40))
}

func short(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}
