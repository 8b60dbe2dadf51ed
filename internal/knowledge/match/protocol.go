package match

import (
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// sendingTopics imply SMTP when no protocol is named.
var sendingTopics = set("relay-denied sender-address-not-allowed smtp-auth-failed smtp-auth-required smtp-auth-disabled send-failed-generic rate-limit timeout-blocked-port-25 message-too-large")

// bounceTopics imply it where somebody sends, or shows what a server said of it:
// "my address is blacklisted" may as well be said of receiving.
var bounceTopics = set("spf-dkim-dmarc-reject reverse-dns-missing rejected-as-spam ip-blocked vpn-blocks-smtp")

// returned is what becomes of mail that was refused.
var returned = set("bounce bounces bounced returned returns zuruck zuruckgewiesen lehnt ablehnt abgewiesen unzustellbar undeliverable undelivered")

// onlyBySMTP are topics of sending, whatever else is named.
var onlyBySMTP = set("relay-denied sender-address-not-allowed")

// sentTopics speak of sent mail, but of the folder for it, and others of mail
// that is not the problem: no SMTP is implied.
var sentTopics = set("sent-copy-missing sent-folder-mapping mails-missing folder-subscribe slow-sync mailbox-full delayed-mail forwarding")

// protocol returns the protocol that a message names, or implies by sending.
func (s *scorer) protocol(rd *reading, in *knowledge.Intent, ok func(pos int) bool) string {
	all := entities{protocols: rd.ents.protocols}
	if in.Topic != "imap-vs-pop3" {
		all.protocols = wanted(rd.toks, all.protocols)
	}
	named := entities{protocols: slices.DeleteFunc(slices.Clone(all.protocols), func(m mention) bool { return ok(m.pos) })}
	t, p := s.traffic(rd), named.oneProtocol()
	switch {
	case t.incoming && t.outgoing && (t.recvBad || !t.sendBad), in.Topic == "receive-failed-generic" && !t.sendBad && p == "smtp" && !slices.ContainsFunc(named.protocols, func(m mention) bool { return m.named || m.host }):
		return ""
	case onlyBySMTP[in.Topic] && p != "", t.sendBad && !t.recvBad && p == "" && len(named.protocols) > 0:
		return "smtp"
	case p != "" || len(named.protocols) > 0 || t.sendBad && t.recvBad:
		return p
	case s.impliesSending(rd, in, t):
		return "smtp"
	}
	hosts := slices.DeleteFunc(all.protocols, func(m mention) bool { return !m.host }) // what works is not read off a host
	return (&entities{protocols: hosts}).oneProtocol()
}

// traffic is what a message says of sending and receiving, and what of it fails.
type traffic struct{ send, receive, sendBad, recvBad, incoming, outgoing bool }

// traffic looks at each clause apart. "Bekomme keine Mail versendet" and "I get
// an error when I send" speak of sending alone, though "get mail" receives.
func (s *scorer) traffic(rd *reading) traffic {
	c := s.lex.ids
	t := traffic{incoming: rd.all.has(c["incoming"]), outgoing: rd.all.has(c["outgoing"])}
	for i := range rd.clauses {
		has := func(concept string) bool { return rd.clauses[i].has(c[concept]) }
		bad := (has("neg") || has("fail") || has("broken") || has("timeout")) && !has("fine")
		said := rd.receives[i]
		receive := said || has("incoming") || has("receive") && !has("password") && (!has("get") || !has("send") || rd.joins(i))
		send := has("send") && !strings.Contains(rd.text, " sending of password ") // what a program says of fetching by POP3
		t.send = t.send || send
		t.receive = t.receive || receive
		t.sendBad = t.sendBad || has("sendbad") && (send || has("outgoing"))
		t.recvBad = t.recvBad || receive && bad && (said || !has("sent")) || has("mail") && has("show") && bad && !has("sentfolder")
	}
	return t
}

// joins reports whether a clause holds two things: "keine bekommen und keine senden".
func (rd *reading) joins(clause int) bool {
	for i := range rd.toks {
		if rd.clauseOf[i] == clause && conjunctions[rd.toks[i].text] {
			return true
		}
	}
	return false
}

var conjunctions = set("und oder noch and or nor")

// impliesSending reports whether the trouble is with sending.
func (s *scorer) impliesSending(rd *reading, in *knowledge.Intent, t traffic) bool {
	has := func(concept string) bool { return rd.all.has(s.lex.ids[concept]) }
	switch {
	case sentTopics[in.Topic], in.Topic == "send-as-alias" && in.Kind != "error", in.Topic == outOfScope, in.Topic == smalltalk:
		return false
	case t.sendBad, t.send && !t.receive && !has("sendok") && (has("defect") || in.Kind == "error"):
		return true
	case sendingTopics[in.Topic]:
		return in.Kind == "error" || t.send
	case bounceTopics[in.Topic]:
		return t.send || in.Kind == "error" && (len(rd.ents.codes) > 0 || rd.refused(in.Topic) || says(rd, returned) || in.Topic != "ip-blocked" && has("rejected"))
	}
	return strings.HasPrefix(in.Topic, "smtp-")
}

// refused reports whether the words of a server that refuses mail lead to topic:
// its code, or its sentence with the address that it refuses.
func (rd *reading) refused(topic string) bool {
	address := slices.ContainsFunc(rd.toks, func(t token) bool { return t.kind == ip })
	return slices.ContainsFunc(rd.hits, func(h patternHit) bool {
		return (h.code || address && h.strength >= wholeText) && h.topic == topic && h.pattern.Protocol == "smtp"
	})
}

var (
	refusals = set("statt anstatt instead not nicht kein keine keinen without ohne")
	choosing = set("use using want nutzen verwenden benutzen switch wechseln will mochte")
)

// wanted leaves out the protocols that somebody does not want ("I don't want to
// use IMAP") and the two that a provider switches on together ("enabled
// IMAP/POP3") where another mention stands alone.
func wanted(toks []token, ms []mention) []mention {
	if len(ms) < 2 {
		return ms
	}
	out := slices.DeleteFunc(slices.Clone(ms), func(m mention) bool { return unwanted(toks, m.pos) })
	paired := slices.Clone(out)
	for i := 1; i < len(out); i++ {
		a, b := out[i-1], out[i]
		if b.pos == a.pos+1 && b.pos < len(toks) && toks[b.pos].joined && a.id != b.id {
			paired = slices.DeleteFunc(paired, func(m mention) bool { return m.pos == a.pos || m.pos == b.pos })
		}
	}
	if len(paired) > 0 {
		return paired
	}
	return out
}

func unwanted(toks []token, i int) bool {
	if i >= len(toks) {
		return false
	}
	for k := i - 1; k >= max(0, i-5) && toks[k].kind != boundary; k-- {
		switch t := toks[k].text; {
		case t == "of" && k > 0 && toks[k-1].text == "instead", k == i-1 && refusals[t]:
			return true
		case (t == "dont" || t == "nicht" || t == "not") && slices.ContainsFunc(toks[k:i], func(t token) bool { return choosing[t.text] }):
			return true
		}
	}
	return false
}
