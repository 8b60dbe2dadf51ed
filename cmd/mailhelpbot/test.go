package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
)

// runTest probes the servers of a target. The exit status is 1 when the
// verdict is fail.
func runTest(ctx context.Context, in *invocation) error {
	asJSON := in.flags.Bool("json", false, "")
	auth := in.flags.Bool("auth", false, "")
	lang := in.flags.String("lang", in.env.Lang, "")
	if err := in.parse(); err != nil {
		return err
	}
	if len(in.args) == 0 {
		return usagef("there is no TARGET. Example: mailhelpbot test gmx smtp")
	}
	if *auth && strayWord(in.args) {
		return usagef("--auth takes one TARGET and a protocol, in quotes if it has several words. If more was meant as a password: %s", noPassword)
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	a, ready, err := in.openTest(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	args := strings.Join(in.args, " ")
	if a.bot.SecretArgument(args) {
		return usagef("%s", noPassword)
	}
	t, bad := a.bot.Target(ctx, args)
	if bad != "" || len(t.Endpoints) == 0 {
		if err := ready(); err != nil {
			return err
		}
		return in.noTarget(ctx, a, args, *lang, bad == "")
	}
	if *auth {
		if err := noCore(); err != nil {
			return fmt.Errorf("core files cannot be switched off: %w", err)
		}
		login, err := in.readLogin(t)
		if err != nil {
			return err
		}
		defer login.Password.Wipe()
		t.Login = login
	}
	if !*asJSON {
		read := make(chan struct{}) // beside the test, which waits for the network
		go func() { defer close(read); _ = ready() }()
		defer func() { <-read }()
	}
	report := in.probe(ctx, a, t, *asJSON)
	if report == nil {
		return errors.New("the test ended without a result")
	}
	if ctx.Err() != nil && !*asJSON {
		fmt.Fprintln(in.err, bot.PlainText(bot.AbortedTest(*lang, args)))
		return statusError(exitFailure)
	}
	if t.Login == nil && ctx.Err() == nil {
		a.bot.Record(ctx, report)
	}
	if *asJSON {
		enc := json.NewEncoder(in.out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(report); err != nil {
			return err
		}
	} else {
		if err := ready(); err != nil {
			return err
		}
		fmt.Fprintln(in.out, bot.PlainText(bot.ExplainReport(a.bot.Book(), *lang, t, args, report, time.Now())))
	}
	if report.Verdict == diagnose.VerdictFail {
		return statusError(exitFailure)
	}
	return nil
}

// strayWord reports more than one word that is no protocol.
func strayWord(args []string) bool {
	n := 0
	for _, a := range args {
		if !slices.Contains([]string{"imap", "pop3", "pop", "smtp", "all"}, strings.ToLower(a)) {
			n++
		}
	}
	return n > 1
}

// noTarget says why there is nothing to test, in the words of the chat.
func (in *invocation) noTarget(ctx context.Context, a *app, args, lang string, known bool) error {
	for ans := range a.bot.Handle(ctx, bot.Message{Platform: "console", Kind: bot.KindCommand, Lang: lang, Command: &bot.Command{Name: "test", Args: args}}) {
		fmt.Fprintln(in.err, bot.PlainText(ans))
	}
	if known {
		return statusError(exitFailure)
	}
	return statusError(exitUsage)
}

// probe runs the test; on a terminal it shows on standard error what is done.
func (in *invocation) probe(ctx context.Context, a *app, t diagnose.Target, quiet bool) *diagnose.Report {
	f, isFile := in.err.(*os.File)
	show := !quiet && isFile && term.IsTerminal(int(f.Fd()))
	var report *diagnose.Report
	for s := range a.bot.Prober.Probe(ctx, t) {
		if show && s.Endpoint.Host != "" {
			fmt.Fprintf(in.err, "\r\033[K%s %s", s.Endpoint.HostPort(), s.Kind)
		}
		if s.Report != nil {
			report = s.Report
		}
	}
	if show {
		fmt.Fprint(in.err, "\r\033[K")
	}
	return report
}

// readLogin asks for user name and password on the terminal, without echo, or
// takes them from MAILHELPBOT_TEST_USER and MAILHELPBOT_TEST_PASSWORD_FILE.
func (in *invocation) readLogin(t diagnose.Target) (*diagnose.Login, error) {
	f, _ := in.in.(*os.File)
	tty := f != nil && term.IsTerminal(int(f.Fd()))
	user := in.env.TestUser
	if user == "" {
		if !tty {
			return nil, usagef("--auth needs a terminal, or MAILHELPBOT_TEST_USER and MAILHELPBOT_TEST_PASSWORD_FILE")
		}
		fmt.Fprintf(in.err, "User name at %s (usually your full address): ", t.Endpoints[0].Host)
		line, err := bufio.NewReader(io.LimitReader(f, 1024)).ReadString('\n')
		if err != nil {
			return nil, err
		}
		user = strings.TrimSpace(line)
	}
	if user == "" {
		return nil, usagef("--auth needs a user name")
	}
	password, err := in.readPassword(f, tty)
	if err != nil {
		return nil, err
	}
	return &diagnose.Login{Username: user, Password: diagnose.NewSecret(password)}, nil
}

func (in *invocation) readPassword(f *os.File, tty bool) ([]byte, error) {
	if name := in.env.TestPasswordFile; name != "" {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, usagef("MAILHELPBOT_TEST_PASSWORD_FILE: %v", err)
		}
		return bytes.TrimRight(b, "\r\n"), nil
	}
	if !tty {
		return nil, usagef("--auth needs a terminal, or MAILHELPBOT_TEST_PASSWORD_FILE")
	}
	fmt.Fprint(in.err, "Password (not shown, not stored): ")
	b, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(in.err)
	return b, err
}
