package bot

import (
	"context"
	"slices"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// goOn answers what is understood in the light of its thread: where to enter
// what was said, what else it may be when that has not helped, or the topic.
func (v *view) goOn(ctx context.Context, in knowledge.Intent, q query, yield func(Answer) bool) {
	switch in.Follow {
	case knowledge.FollowWhere:
		if !slices.Contains(aboutDemands, in.Topic) && (in.Topic == "server-data" || guideTasks[in.Topic] != "" || len(nextTopics[in.Topic]) > 0) {
			yield(v.place(ctx, in, q))
			return
		}
		if ans, ok := v.wayIn(in); ok {
			yield(ans)
			return
		}
	case knowledge.FollowStill:
		v.ratable(in.Topic)
		yield(v.further(ctx, in, q))
		return
	case knowledge.FollowMore:
		if ans, ok := v.onPhone(); ok {
			yield(ans)
			return
		}
		oneWay := guideTasks[in.Topic] == "setup" && (in.Incoming || in.Protocol == mailconf.SMTP)
		if !v.newClient && !v.newProvider && !q.empty() && (oneWay || slices.Contains(aboutDemands, in.Topic) && len(q.Protocols) > 0) {
			v.settings(ctx, q, yield) // of one direction there is nothing to set up, and of one protocol nothing more to allow
			return
		}
		if guide := v.passwordIn(in, q); len(guide) > 0 {
			v.ratable(in.Topic)
			yield(v.answer(guide...))
			return
		}
	}
	v.topical(ctx, in, q, yield)
}

// passwordIn is where the mail program that the message names keeps its
// password, when the thread is about which one is right.
func (v *view) passwordIn(in knowledge.Intent, q query) []Block {
	if !v.newClient || in.Client == "" || guideTasks[in.Topic] != "" || !slices.Contains(aboutDemands, in.Topic) {
		return nil
	}
	client := in.Client
	in.Topic = "change-password-on-devices"
	guide := v.guideFor(in, client, q)
	if len(guide) == 0 {
		return nil
	}
	return append(v.clientStatus(client), guide...)
}

// place is where a mail program has the settings that the thread is about.
func (v *view) place(ctx context.Context, in knowledge.Intent, q query) Answer {
	if in.Topic == "server-data" {
		in.Topic = "manual-server-settings" // values that somebody has just been given
		if guide := v.guideFor(in, v.conv.Client, q); len(guide) > 0 {
			v.ratable(in.Topic)
			return v.answer(append(v.clientStatus(v.conv.Client), guide...)...)
		}
	}
	return v.guideAnswer(ctx, v.conv.Client)
}

// nextTopics are what to look at next, the likeliest first, when the advice on
// a topic has not helped. What the provider does not demand is left out.
var nextTopics = map[string][]string{
	"wrong-password":                {"enable-imap-access", "app-password", "provider-mail-password", "username-is-full-address"},
	"password-prompt-loop":          {"app-password", "enable-imap-access", "change-password-on-devices", "username-is-full-address"},
	"which-password":                {"app-password", "enable-imap-access", "username-is-full-address"},
	"app-password":                  {"enable-imap-access", "username-is-full-address"},
	"enable-imap-access":            {"app-password", "username-is-full-address"},
	"provider-mail-password":        {"username-is-full-address", "change-password-on-devices"},
	"username-is-full-address":      {"app-password", "enable-imap-access"},
	"smtp-auth-failed":              {"app-password", "smtp-auth-required", "username-is-full-address"},
	"smtp-auth-required":            {"smtp-auth-failed", "which-port"},
	"server-data":                   {"enable-imap-access", "app-password", "username-is-full-address"},
	"manual-server-settings":        {"enable-imap-access", "app-password", "username-is-full-address"},
	"add-account":                   {"enable-imap-access", "app-password", "username-is-full-address"},
	"autoconfig-failed":             {"manual-server-settings", "enable-imap-access"},
	"which-port":                    {"ssl-vs-starttls", "antivirus-firewall"},
	"ssl-vs-starttls":               {"which-port", "antivirus-firewall"},
	"connection-failed-generic":     {"which-port", "antivirus-firewall"},
	"connection-timeout":            {"which-port", "antivirus-firewall", "vpn-blocks-smtp"},
	"connection-refused":            {"which-port", "antivirus-firewall"},
	"connection-dropped":            {"antivirus-firewall", "too-many-connections"},
	"timeout-blocked-port-25":       {"vpn-blocks-smtp", "antivirus-firewall"},
	"server-not-found":              {"server-data", "antivirus-firewall"},
	"tls-handshake-failed":          {"ssl-vs-starttls", "tls-version-too-old", "antivirus-firewall"},
	"tls-version-too-old":           {"ssl-vs-starttls", "antivirus-firewall"},
	"encrypted-connection-required": {"ssl-vs-starttls", "which-port"},
	"certificate-warning":           {"hostname-mismatch", "antivirus-firewall"},
	"hostname-mismatch":             {"server-data", "antivirus-firewall"},
	"send-failed-generic":           {"smtp-auth-required", "which-port", "vpn-blocks-smtp"},
	"receive-failed-generic":        {"enable-imap-access", "mailbox-full", "antivirus-firewall"},
	"relay-denied":                  {"smtp-auth-required", "sender-address-not-allowed"},
	"rejected-as-spam":              {"spf-dkim-dmarc-reject", "ip-blocked"},
	"mails-missing":                 {"spam-folder", "folder-subscribe"},
	"delayed-mail":                  {"spam-folder", "mailbox-full"},
}

// nextOf is what is left to look at for a topic at a provider.
func (v *view) nextOf(topic string, p *knowledge.Provider) []string {
	return slices.DeleteFunc(slices.Clone(nextTopics[topic]), func(t string) bool {
		if v.book.Article(t, v.lang) == nil {
			return true
		}
		if p == nil {
			return t == "provider-mail-password"
		}
		r := p.Requires
		switch t {
		case "enable-imap-access":
			return !r.EnableIMAPPOP
		case "app-password":
			return r.OAuth2Only || !r.AppPassword && !r.AppPasswordIf2FA
		case "provider-mail-password":
			return !r.SeparateMailPassword
		}
		return false
	})
}

// further goes on when what was advised has not helped: to the next likely
// reason, then to the exact error text and a live test, at last to people.
func (v *view) further(ctx context.Context, in knowledge.Intent, q query) Answer {
	next := v.nextOf(in.Topic, q.Provider)
	if i := v.conv.Tries - 1; i >= 0 && i < len(next) {
		in.Topic, in.Kind, in.Cause, in.ErrorCode = next[i], "faq", "", ""
		ans := v.explain(in, q)
		ans.Blocks = append([]Block{Paragraph{Spans(T(v.say("still.next")))}}, ans.Blocks...)
		return ans
	}
	var ans Answer
	if v.conv.Tries <= len(next)+1 {
		target := "gmx"
		if !q.empty() {
			target = actionValue(q)
		}
		ans = v.answer(Paragraph{Spans(T(v.say("still.exact")))}, Hint{Spans(T(v.say("article.livetest")), Code("/test "+clip(target)))})
	} else {
		ans = v.answer(Paragraph{Spans(T(v.say("still.people")))})
		if q.Provider != nil {
			ans.Blocks = append(ans.Blocks, v.afterword(q.Provider, nil)...)
		}
	}
	if v.bot.group(ctx, v.from.Place()) != "" {
		ans.Blocks = append(ans.Blocks, Hint{Spans(T(v.say("still.team")))})
	}
	if !q.empty() {
		ans.Actions = append(ans.Actions, Action{ID: ActionTest, Label: v.say("button.test"), Value: actionValue(q), Style: "primary"})
	}
	return ans
}
