package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// LiveCheck is the outcome of the latest probe of one server that a provider's
// record lists.
type LiveCheck struct {
	Provider string // knowledge base id
	mailconf.Endpoint
	Verdict diagnose.Verdict
	Cause   diagnose.Cause // "" when all is well
	At      time.Time
}

// contradicting are the causes that say: not as the record has it. The others,
// such as a server that does not answer, may be over in an hour or lie on the way.
var contradicting = []diagnose.Cause{
	diagnose.CauseAuthNotOffered, diagnose.CauseCertExpired, diagnose.CauseCertHostnameMismatch,
	diagnose.CauseCertNotYetValid, diagnose.CauseCertUntrusted, diagnose.CauseCertWrongPurpose,
	diagnose.CauseConnectionRefused, diagnose.CauseDNSFailure, diagnose.CauseDNSNoAddress,
	diagnose.CauseMissingIntermediate, diagnose.CauseMTANotSubmission, diagnose.CauseMXNotClientHost,
	diagnose.CauseNoEncryption, diagnose.CauseSelfSigned, diagnose.CauseSSLSTARTTLSMismatch,
	diagnose.CauseSTARTTLSMissing, diagnose.CauseSTARTTLSRefused, diagnose.CauseTLSHandshake,
	diagnose.CauseTLSVersionTooOld, diagnose.CauseUnknownCA, diagnose.CauseWrongPortOrProtocol,
}

// Contradicts reports whether the server is not as the record says.
func (c LiveCheck) Contradicts() bool {
	if c.Security == mailconf.Plain && c.Cause == diagnose.CauseNoEncryption {
		return false // just what the record says
	}
	return c.Verdict == diagnose.VerdictFail && slices.Contains(contradicting, c.Cause)
}

// ownTrouble are the causes that lie with this machine and its network, and
// say nothing about the server.
var ownTrouble = []diagnose.Cause{
	diagnose.CauseBadInput, diagnose.CauseBudgetExceeded, diagnose.CauseCertInterception, diagnose.CauseClockWrong,
	diagnose.CauseDNSTimeout, diagnose.CauseHostUnreachable, diagnose.CauseInternalError, diagnose.CauseIPBlacklisted, diagnose.CauseNotMailPort,
	diagnose.CausePort25Blocked, diagnose.CauseRateLimit, diagnose.CauseSTARTTLSStripped, diagnose.CauseTargetBlocked,
	diagnose.CauseTooManyConnections,
}

// Tells reports whether the outcome says something about the server, rather
// than about this machine and its network.
func (c LiveCheck) Tells() bool { return !slices.Contains(ownTrouble, c.Cause) }

// ProviderTarget is what a probe of all servers of a provider checks; servers
// whose host names hold the customer's domain are left out.
func ProviderTarget(p *knowledge.Provider) diagnose.Target {
	t, _ := target(query{Name: p.Name, Provider: p})
	t.Domain = "" // only the servers are asked about
	return t
}

// Record keeps what a probe without a login found out about the servers that
// the knowledge lists, and returns it, also what does not tell. Another server
// and a run for nobody's provider give nothing.
func (b *Bot) Record(ctx context.Context, r *diagnose.Report) []LiveCheck {
	if r.Provider == nil {
		return nil
	}
	p := b.Book().Provider(*r.Provider)
	if p == nil {
		return nil
	}
	var all, telling []LiveCheck
	listed := ProviderTarget(p).Endpoints
	for _, e := range r.Endpoints {
		c := LiveCheck{
			Provider: p.ID, Verdict: e.Verdict, At: b.Now(),
			Endpoint: mailconf.Endpoint{Protocol: e.Protocol, Host: e.Host, Port: e.Port, Security: e.Security},
		}
		if e.Cause != nil {
			c.Cause = *e.Cause
		}
		if !slices.Contains(listed, c.Endpoint) {
			continue
		}
		if all = append(all, c); c.Tells() {
			telling = append(telling, c)
		}
	}
	if len(telling) > 0 {
		if err := b.Store.SaveChecked(context.WithoutCancel(ctx), telling); err != nil {
			b.Log.Error("live checks not saved", "provider", p.ID, "err", err)
		}
	}
	return all
}

// checkHolds is how long an answer speaks of a live check: certificates are
// renewed about every 90 days, and the check is worth repeating by then.
const checkHolds = 90 * 24 * time.Hour

// checkedLive is the oldest of the latest checks of servers when each of them
// was found to work lately; else ok is false.
func (v *view) checkedLive(ctx context.Context, p *knowledge.Provider, servers []knowledge.Server) (oldest time.Time, ok bool) {
	checks, err := v.bot.Store.Checked(ctx, p.ID)
	if err != nil {
		v.bot.Log.Error("live checks not read", "err", err)
		return time.Time{}, false
	}
	for _, s := range servers {
		i := slices.IndexFunc(checks, func(c LiveCheck) bool { return c.Endpoint == s.Endpoint })
		if i < 0 || checks[i].Verdict == diagnose.VerdictFail || v.bot.Now().Sub(checks[i].At) > checkHolds {
			return time.Time{}, false
		}
		if at := checks[i].At; oldest.IsZero() || at.Before(oldest) {
			oldest = at
		}
	}
	return oldest, !oldest.IsZero()
}

// liveSource says in an answer that its values were seen to work.
func (v *view) liveSource(ctx context.Context, p *knowledge.Provider, servers []knowledge.Server) []SourceItem {
	at, ok := v.checkedLive(ctx, p, servers)
	if !ok {
		return nil
	}
	return []SourceItem{{Title: v.say("source.live", "date", at.UTC().Format(time.DateOnly))}}
}

// Contradictions are the servers that the knowledge lists and that a live
// check has found to be otherwise, as things to review, in the book's order.
func Contradictions(book *knowledge.Book, checks []LiveCheck) []knowledge.ReviewItem {
	var out []knowledge.ReviewItem
	for _, p := range book.Facts().Providers {
		for _, e := range ProviderTarget(p).Endpoints {
			for _, c := range checks {
				if c.Provider == p.ID && c.Endpoint == e && c.Contradicts() {
					out = append(out, knowledge.ReviewItem{Provider: p.ID, Reason: fmt.Sprintf("contradicted by a live check on %s: %s %s %s, %s",
						c.At.UTC().Format(time.DateOnly), strings.ToUpper(string(e.Protocol)), e.HostPort(), e.Security, c.Cause)})
				}
			}
		}
	}
	return out
}
