package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"sync"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// kb verify is polite: servers belong to others, and nobody waits for it.
const (
	verifyProviders = 4               // providers that are probed side by side
	verifyPause     = 2 * time.Second // between two hosts of one provider
)

// kbVerify probes the servers of providers and keeps the outcome. The exit
// status is 1 when a server is not as the knowledge has it.
func kbVerify(ctx context.Context, in *invocation) error {
	asJSON := in.flags.Bool("json", false, "")
	all := in.flags.Bool("all", false, "")
	if err := in.parse(); err != nil {
		return err
	}
	if *all == (len(in.args) > 0) {
		return usagef("kb verify takes the ids of providers, or --all for every provider. Example: mailhelpbot kb verify gmx web-de")
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	a, err := in.open(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	providers, err := chosen(a.bot.Book(), in.args)
	if err != nil {
		return err
	}
	v := verifier{bot: a.bot, pause: verifyPause}
	if !*asJSON {
		v.each = func(c bot.LiveCheck) { fmt.Fprintln(in.out, checkLine(c)) }
	}
	v.run(ctx, providers)
	if err := in.verified(&v, *asJSON); err != nil {
		return err
	}
	if v.sum.Fail > 0 && v.sum.OK+v.sum.Warn == 0 {
		fmt.Fprintln(in.err, "mailhelpbot kb verify: no server answered at all. If this machine cannot reach the internet, the outcome says nothing; run it again where it can.")
	}
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted; what was checked until then is kept")
	case v.sum.Contradictions > 0:
		return statusError(exitFailure)
	}
	return nil
}

// chosen are the providers with these ids or names; all without any.
func chosen(book *knowledge.Book, names []string) ([]*knowledge.Provider, error) {
	if len(names) == 0 {
		return book.Facts().Providers, nil
	}
	var out []*knowledge.Provider
	for _, n := range names {
		p := book.Provider(n)
		if p == nil {
			p = book.Find(n)
		}
		if p == nil {
			return nil, usagef("there is no provider %q; kb list prints all ids", n)
		}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out, nil
}

// verifier probes providers.
type verifier struct {
	bot   *bot.Bot
	pause time.Duration
	each  func(bot.LiveCheck) // told of each outcome, one at a time; may be nil

	mu     sync.Mutex
	checks []bot.LiveCheck
	sum    verifySummary
}

// verifySummary counts outcomes; providers without a server that can be probed
// are Skipped.
type verifySummary struct {
	Providers      int `json:"providers"`
	Skipped        int `json:"skipped"`
	OK             int `json:"ok"`
	Warn           int `json:"warn"`
	Fail           int `json:"fail"`
	Contradictions int `json:"contradictions"`
}

// run probes all servers of providers, until ctx ends.
func (v *verifier) run(ctx context.Context, providers []*knowledge.Provider) {
	next := make(chan *knowledge.Provider)
	var wg sync.WaitGroup
	for range min(verifyProviders, len(providers)) {
		wg.Go(func() {
			for p := range next {
				v.provider(ctx, p)
			}
		})
	}
feed:
	for _, p := range providers {
		select {
		case next <- p:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
}

// provider probes one host of a provider after the other.
func (v *verifier) provider(ctx context.Context, p *knowledge.Provider) {
	hosts := targetsByHost(p)
	v.mu.Lock()
	v.sum.Providers++
	if len(hosts) == 0 {
		v.sum.Skipped++
	}
	v.mu.Unlock()
	for i, t := range hosts {
		if i > 0 && !wait(ctx, v.pause) {
			return
		}
		for s := range v.bot.Prober.Probe(ctx, t) {
			if s.Report != nil && ctx.Err() == nil {
				v.take(v.bot.Record(ctx, s.Report))
			}
		}
	}
}

// targetsByHost splits what is to be probed of a provider by host, in the
// record's order.
func targetsByHost(p *knowledge.Provider) []diagnose.Target {
	whole := bot.ProviderTarget(p)
	var out []diagnose.Target
	for _, e := range whole.Endpoints {
		i := slices.IndexFunc(out, func(t diagnose.Target) bool { return t.Endpoints[0].Host == e.Host })
		if i < 0 {
			t := whole
			t.Endpoints = []mailconf.Endpoint{e}
			out = append(out, t)
			continue
		}
		out[i].Endpoints = append(out[i].Endpoints, e)
	}
	return out
}

// wait waits for d and reports whether ctx lasted.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// take counts outcomes.
func (v *verifier) take(checks []bot.LiveCheck) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range checks {
		v.checks = append(v.checks, c)
		switch c.Verdict {
		case diagnose.VerdictOK:
			v.sum.OK++
		case diagnose.VerdictWarn:
			v.sum.Warn++
		default:
			v.sum.Fail++
		}
		if c.Contradicts() {
			v.sum.Contradictions++
		}
		if v.each != nil {
			v.each(c)
		}
	}
}

// checkLine is one outcome as a line of text.
func checkLine(c bot.LiveCheck) string {
	s := fmt.Sprintf("%s\t%s\t%s\t%s\t%s", c.Verdict, c.Provider, c.Protocol, c.HostPort(), c.Security)
	switch {
	case c.Contradicts():
		s += fmt.Sprintf("\t%s\tcontradicts the knowledge", c.Cause)
	case c.Cause != "" && !c.Tells():
		s += fmt.Sprintf("\t%s\tsays nothing about the server, not kept", c.Cause)
	case c.Cause != "":
		s += fmt.Sprintf("\t%s", c.Cause)
	}
	return s
}

// verifiedCheck is one outcome as `kb verify --json` prints it.
type verifiedCheck struct {
	Provider    string            `json:"provider"`
	Protocol    mailconf.Protocol `json:"protocol"`
	Host        string            `json:"host"`
	Port        uint16            `json:"port"`
	Security    mailconf.Security `json:"security"`
	Verdict     diagnose.Verdict  `json:"verdict"`
	Cause       *diagnose.Cause   `json:"cause"`
	Contradicts bool              `json:"contradicts"`
	Kept        bool              `json:"kept"`
	CheckedAt   time.Time         `json:"checked_at"`
}

// verified prints the end of the report.
func (in *invocation) verified(v *verifier, asJSON bool) error {
	if !asJSON {
		_, err := fmt.Fprintf(in.out, "providers %d, servers %d, ok %d, warnings %d, failed %d, contradictions %d, providers without a server to probe %d\n",
			v.sum.Providers, len(v.checks), v.sum.OK, v.sum.Warn, v.sum.Fail, v.sum.Contradictions, v.sum.Skipped)
		return err
	}
	out := struct {
		Checks  []verifiedCheck `json:"checks"`
		Summary verifySummary   `json:"summary"`
	}{make([]verifiedCheck, 0, len(v.checks)), v.sum}
	for _, c := range v.checks {
		vc := verifiedCheck{c.Provider, c.Protocol, c.Host, c.Port, c.Security, c.Verdict, nil, c.Contradicts(), c.Tells(), c.At.UTC()}
		if c.Cause != "" {
			vc.Cause = &c.Cause
		}
		out.Checks = append(out.Checks, vc)
	}
	enc := json.NewEncoder(in.out)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
