package eval

import (
	"slices"
	"strings"
)

// siblings are groups of topics whose answers help each other's askers.
var siblings = [][]string{
	{"wrong-password", "enable-imap-access", "app-password", "oauth-required", "provider-mail-password", "smtp-auth-failed", "password-prompt-loop"},
	{"receive-failed-generic", "connection-failed-generic", "provider-outage"},
	{"send-failed-generic", "connection-failed-generic", "smtp-auth-failed"},
	{"connection-timeout", "timeout-blocked-port-25", "connection-failed-generic"},
	{"smtp-auth-failed", "smtp-auth-required", "smtp-auth-disabled"},
	{"oauth-required", "smtp-auth-disabled"},
	{"forgotten-password", "which-password"},
	{"sent-folder-mapping", "sent-copy-missing"},
	{"server-data", "which-port", "manual-server-settings"},
	{"which-port", "ssl-vs-starttls", "tls-handshake-failed"},
	{"certificate-warning", "hostname-mismatch", "certificate-expired", "certificate-revoked"},
	{"add-account", "second-account", "manual-server-settings", "autoconfig-failed"},
	{"add-account", "move-to-new-pc"},
	{"rejected-as-spam", "ip-blocked", "rate-limit"},
	{"sender-address-not-allowed", "send-as-alias"},
}

// Sibling reports whether two topics belong to one group.
func Sibling(a, b string) bool {
	for _, g := range siblings {
		if slices.Contains(g, a) && slices.Contains(g, b) {
			return true
		}
	}
	return false
}

// providerNames are names of one provider in the labels and in the facts.
var providerNames = map[string]string{
	"outlook": "outlook-com", "hotmail": "outlook-com", "microsoft365": "office365", "m365": "office365", "web": "web-de",
	"vodafone-de": "vodafone", "arcor": "vodafone", "kabelmail": "vodafone", "o2-de": "o2", "alice-de": "o2", "1und1": "ionos",
	"ionos-com": "ionos", "ionos-de": "ionos", "charter": "spectrum", "rr": "spectrum", "googlemail": "gmail", "google": "gmail",
	"gmailworkspace": "gmail", "verizon": "aol", "telekom": "t-online", "gmx-net": "gmx", "gmx-de": "gmx", "gmx-com": "gmx",
	"freenet-de": "freenet", "yahoo-com": "yahoo", "comcast-net": "comcast", "icloud-com": "icloud", "zoho-com": "zoho",
	"att-net": "att", "strato-de": "strato", "protonmail": "proton",
}

func providerKey(v string) string {
	v = strings.ReplaceAll(strings.ToLower(v), ".", "-")
	if k, ok := providerNames[v]; ok {
		return k
	}
	return v
}

// Share is a count out of a total.
type Share struct{ N, Of int }

// Value returns the share, or 0 of nothing.
func (s Share) Value() float64 {
	if s.Of == 0 {
		return 0
	}
	return float64(s.N) / float64(s.Of)
}

func (s *Share) count(ok bool) {
	s.Of++
	if ok {
		s.N++
	}
}

// Slot counts right, wrong and missed values of one slot.
type Slot struct{ Right, Wrong, Missed int }

// F1 returns the harmonic mean of precision and recall.
func (s Slot) F1() float64 {
	if s.Right == 0 {
		return 0
	}
	return 2 * float64(s.Right) / float64(2*s.Right+s.Wrong+s.Missed)
}

// Figures are the measured figures of one set of cases.
type Figures struct {
	Cases, InScope             int
	Intent, Topic, TopicFamily Share
	Provider, Protocol, Client Slot
	Precision, Coverage        Share // of replies
	FalseReplies               Share // on out-of-scope and smalltalk
	Cause                      Share
}

// Verdict is how one case went.
type Verdict struct {
	Case       Case
	Prediction Prediction
	TopicOK    bool
	IntentOK   bool
	CauseOK    bool
	Reply      reply
}

// reply is how the decision to answer is counted.
type reply struct {
	said, right, welcome bool // welcome: a question back that was in place
	answerable           bool
}

// Judge compares one prediction with its case.
func Judge(c Case, p Prediction) Verdict {
	v := Verdict{Case: c, Prediction: p}
	v.CauseOK = slices.Contains(c.accepted("cause", c.Cause), value(p.Cause))
	if c.IsError {
		return v
	}
	topics := c.accepted("faq", c.Topic)
	v.IntentOK = slices.Contains(c.accepted("intent", c.Intent), value(p.Intent))
	v.TopicOK = slices.Contains(topics, value(p.FAQ))
	v.Reply = judgeReply(&c, &p, topics)
	return v
}

func judgeReply(c *Case, p *Prediction, topics []string) reply {
	r := reply{said: p.Reply || p.Clarify}
	faq := value(p.FAQ)
	ok := slices.Contains(topics, faq) && (faq != "" || value(p.Intent) == "test" && c.Intent == "test")
	scoped := slices.ContainsFunc(c.accepted("intent", c.Intent), func(i string) bool { return i != "out-of-scope" && i != "smalltalk" })
	if !c.InScope() {
		r.right = scoped && faq != "" && ok
		return r
	}
	silenceToo := slices.ContainsFunc(c.accepted("intent", c.Intent), func(i string) bool { return i == "out-of-scope" || i == "smalltalk" })
	r.answerable = r.said || !silenceToo
	if c.Intent == "settings" && c.Provider != "" && !c.hasProvider(value(p.Provider)) {
		ok = false
	}
	vague := c.Topic == "" || slices.ContainsFunc(topics, func(t string) bool { return strings.HasSuffix(t, "-generic") })
	r.welcome = p.Clarify && vague
	r.right = ok && !p.Clarify
	return r
}

func (c *Case) hasProvider(id string) bool {
	return slices.ContainsFunc(c.accepted("provider", c.Provider), func(v string) bool { return providerKey(v) == providerKey(id) })
}

// add counts one verdict.
func (f *Figures) add(v *Verdict) {
	c, p := &v.Case, &v.Prediction
	f.Cases++
	if c.IsError {
		f.Cause.count(v.CauseOK)
		return
	}
	f.Intent.count(v.IntentOK)
	r := v.Reply
	if !c.InScope() {
		f.FalseReplies.count(r.said && !r.right)
		if r.said {
			f.Precision.count(r.right)
		}
		return
	}
	f.InScope++
	f.Topic.count(v.TopicOK)
	f.TopicFamily.count(v.TopicOK || slices.ContainsFunc(c.accepted("faq", c.Topic), func(t string) bool { return Sibling(t, value(p.FAQ)) }))
	if !c.NoSlots {
		f.addSlots(c, p)
	}
	if r.answerable {
		f.Coverage.count(r.welcome || r.said && r.right)
	}
	if r.said && !r.welcome {
		f.Precision.count(r.right)
	}
}

func (f *Figures) addSlots(c *Case, p *Prediction) {
	f.Provider.add(c.hasProvider(value(p.Provider)), value(p.Provider), c.accepted("provider", c.Provider)[0])
	f.Protocol.add(slices.Contains(c.accepted("protocol", c.Protocol), value(p.Protocol)), value(p.Protocol), c.accepted("protocol", c.Protocol)[0])
	f.Client.add(slices.Contains(c.accepted("client", c.Client), value(p.Client)), value(p.Client), c.accepted("client", c.Client)[0])
}

func (s *Slot) add(ok bool, got, want string) {
	switch {
	case ok && got != "":
		s.Right++
	case !ok:
		if got != "" {
			s.Wrong++
		}
		if want != "" {
			s.Missed++
		}
	}
}
