package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

// finding is one line of `doctor`: what was looked at, what is wrong ("" when
// nothing is), and what to do about it.
type finding struct{ what, wrong, remedy string }

// runDoctor checks what the bot needs from its surroundings. The exit status
// is 1 when something is wrong.
func runDoctor(ctx context.Context, in *invocation) error {
	quick := in.flags.Bool("quick", false, "")
	if err := in.parse(); err != nil {
		return err
	}
	checks := []func(context.Context, *invocation) finding{checkDatabase, checkKnowledge, checkRoots}
	if !*quick {
		checks = append(checks, checkResolver, checkPlatforms)
	}
	bad := 0
	for _, c := range checks {
		f := c(ctx, in)
		if f.wrong == "" {
			fmt.Fprintf(in.out, "ok    %s\n", f.what)
			continue
		}
		bad++
		fmt.Fprintf(in.out, "FAIL  %s: %s\n      %s\n", f.what, f.wrong, f.remedy)
	}
	if bad > 0 {
		return statusError(exitFailure)
	}
	return nil
}

func checkDatabase(ctx context.Context, in *invocation) finding {
	f := finding{what: "database " + store.Shown(in.env.DB), remedy: "Name a writable file with --db or MAILHELPBOT_DB, or restore a backup."}
	st, err := store.Open(ctx, in.env.DB, time.Now())
	if err != nil {
		f.wrong = err.Error()
		return f
	}
	defer st.Close()
	if aside := st.SetAside(); aside != "" {
		f.wrong = "it was damaged; it is kept as " + aside
	}
	return f
}

func checkKnowledge(_ context.Context, in *invocation) finding {
	f := finding{what: "knowledge"}
	if in.env.Knowledge == "" {
		return f
	}
	f.what += " " + in.env.Knowledge
	f.remedy = "mailhelpbot kb check " + in.env.Knowledge + " lists file, line and remedy."
	shipped, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	if err := firstError(knowledge.Check(os.DirFS(in.env.Knowledge), shipped)); err != nil {
		f.wrong = err.Error()
	}
	return f
}

func checkRoots(_ context.Context, in *invocation) finding {
	f := finding{what: "CA certificates", remedy: "Install the package ca-certificates, or mount /etc/ssl/certs/ca-certificates.crt."}
	if pool, err := x509.SystemCertPool(); err != nil {
		f.wrong = err.Error()
	} else if pool.Equal(x509.NewCertPool()) {
		f.wrong = "there are none: every certificate would be judged untrusted"
	}
	if _, err := in.env.prober(); err != nil {
		f.wrong, f.remedy = err.Error(), "Name a readable PEM file."
	}
	return f
}

func checkResolver(ctx context.Context, in *invocation) finding {
	f := finding{what: "DNS resolver", remedy: "Check /etc/resolv.conf, the firewall for port 53, or MAILHELPBOT_RESOLVER."}
	r := net.Resolver{PreferGo: true}
	if in.env.Resolver != "" {
		r.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, in.env.Resolver)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if _, err := r.LookupMX(ctx, "gmx.net"); err != nil {
		f.wrong = err.Error()
	}
	return f
}

func checkPlatforms(ctx context.Context, in *invocation) finding {
	f := finding{what: "chat platforms"}
	if !in.env.servesPlatform() {
		f.what += ": none configured, the chat in the terminal is used"
		return f
	}
	if in.env.SlackBotToken == "" {
		f.what += ": Discord"
		return f
	}
	f.what, f.remedy = "Slack", "Compare the app with: mailhelpbot manifest slack. After a change of scopes install the app again."
	ad, err := in.slackAdapter(bot.Surface{Commands: bot.Commands()}, slog.New(slog.DiscardHandler))
	if err != nil {
		f.wrong = err.Error()
		return f
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	c, err := ad.Check(ctx)
	switch {
	case err != nil:
		f.wrong = err.Error()
	case len(c.Missing) > 0:
		f.wrong = "these scopes are missing: " + strings.Join(c.Missing, ", ")
	default:
		f.what += ": " + c.Bot + " in " + c.Team
	}
	return f
}
