package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// The exit statuses, a contract of the command line.
const (
	exitOK      = 0 // answered, or all well
	exitFailure = 1 // the check found a failure
	exitUsage   = 2 // wrong use or configuration
	exitSilent  = 3 // no answer
)

// stdio are the streams of a run. in and out are files when they may be terminals.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// command is one entry of the command table.
type command struct {
	name, args, short string
	run               func(context.Context, *invocation) error
}

func commands() []command {
	return []command{
		{"chat", "", "chat in the terminal", runChat},
		{"serve", "", "serve the chat platforms that are configured", runServe},
		{"ask", "[--json] [--explain] [--lang de|en] TEXT… | -", "answer one message, or one per line of standard input", runAsk},
		{"test", "[--json] [--auth] TARGET [imap|pop3|smtp|all]", "test mail servers live", runTest},
		{"eval", "[--json|--predictions] [FILE.jsonl…]", "measure understanding on labelled messages, or on held-out utterances", runEval},
		{"kb", "list|show|check|import|export|remove|stats|verify", "look at, check, exchange and verify the knowledge", runKB},
		{"person", "export|forget [--direct CHANNEL] PLATFORM TENANT USER", "show or delete what is kept about a person", runPerson},
		{"db", "copy FROM TO | backup FILE | restore FILE | check", "move, back up, restore and check the database", runDB},
		{"manifest", "slack", "print the Slack app manifest", runManifest},
		{"doctor", "[--quick|--ready]", "check the configuration and what is around it, with a remedy for each fault", runDoctor},
		{"version", "[--json]", "print version, commit and date", runVersion},
		{"help", "[COMMAND]", "print this help, or that of one command", nil},
	}
}

// errUsage marks wrong use or configuration: exit status 2.
var errUsage = errors.New("usage")

// statusError carries an exit status without a message of its own.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// usagef makes an error for wrong use.
func usagef(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errUsage, fmt.Sprintf(format, args...))
}

// invocation is one run of a command.
type invocation struct {
	faults []settingFault // only where a command runs in spite of them
	stdio
	env     settings
	flags   *flag.FlagSet
	args    []string // positional
	ownHash string   // of the operator's folder when it was loaded
}

// run is the whole program; it returns the exit status.
func run(ctx context.Context, args, environ []string, std stdio) int {
	env, faults := readSettings(environ)
	name, args := pick(args)
	switch {
	case name == "help":
		return help(std, args)
	case name == "" && env.servesPlatform():
		name = "serve"
	case name == "":
		name = "chat"
	}
	if name != "doctor" && len(faults) > 0 { // the doctor tells them with all else that is wrong
		for _, f := range faults {
			fmt.Fprintf(std.err, "mailhelpbot: %s: %v\n", f.name, f.err)
		}
		return exitUsage
	}
	for _, c := range commands() {
		if c.name == name {
			in := newInvocation(c, env, args, std)
			in.faults = faults
			return finish(name, std, c.run(ctx, in))
		}
	}
	return unknownCommand(std, name)
}

// pick finds the command among the arguments; "" when there is none. The flags
// that all commands have may stand before it.
func pick(args []string) (name string, rest []string) {
	var before []string
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		flag, _, whole := strings.Cut(strings.TrimLeft(args[0], "-"), "=")
		switch flag {
		case "h", "help":
			return "help", nil
		case "version":
			return "version", args[1:]
		case "db", "knowledge":
		default:
			return "", append(before, args...)
		}
		n := 2
		if whole {
			n = 1
		}
		n = min(n, len(args))
		before, args = append(before, args[:n]...), args[n:]
	}
	if len(args) == 0 {
		return "", before
	}
	return args[0], append(args[1:len(args):len(args)], before...)
}

func newInvocation(c command, env settings, args []string, std stdio) *invocation {
	in := &invocation{stdio: std, env: env, args: args, flags: flag.NewFlagSet(c.name, flag.ContinueOnError)}
	in.flags.SetOutput(io.Discard)
	in.flags.StringVar(&in.env.DB, "db", in.env.DB, "database: a file, or postgres://… (MAILHELPBOT_DB)")
	in.flags.StringVar(&in.env.Knowledge, "knowledge", in.env.Knowledge, "folder with the operator's own knowledge (MAILHELPBOT_KNOWLEDGE)")
	return in
}

// finish turns a command's error into an exit status and a message.
func finish(name string, std stdio, err error) int {
	var st statusError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &st):
		return int(st)
	case errors.Is(err, flag.ErrHelp):
		return help(std, []string{name})
	case errors.Is(err, errUsage):
		fmt.Fprintf(std.err, "mailhelpbot %s: %s\n", name, strings.TrimPrefix(err.Error(), "usage: "))
		return exitUsage
	}
	fmt.Fprintf(std.err, "mailhelpbot %s: %v\n", name, err)
	var perr *os.PathError
	if errors.As(err, &perr) {
		return exitUsage
	}
	return exitFailure
}
