package main

import (
	"fmt"
	"io"
	"strings"
)

// details are what the help of one command adds to its line in the list.
var details = map[string]string{
	"chat": `
  --lang de|en    language when the message does not tell it
`,
	"ask": `
  --json          one JSON object instead of text
  --explain       first say why the message is understood so
  --lang de|en    language when the message does not tell it
  -               read one message per line, answer each with one line

It answers as in a channel where it speaks unasked: exit status 3 is silence.

  mailhelpbot ask "/settings gmx"
  mailhelpbot ask --json "Outlook 0x800CCC0E bei web.de"
`,
	"test": `
TARGET is a provider, a domain, an address, a host or host:port.

  --json          one JSON object instead of text
  --auth          also log in; asks for user name and password without showing
                  it, or takes MAILHELPBOT_TEST_USER and the file named by
                  MAILHELPBOT_TEST_PASSWORD_FILE
  --lang de|en    language

  mailhelpbot test gmx smtp
  mailhelpbot test --auth anna@example.org
`,
	"eval": `
  --json          all figures as JSON
  --predictions   one prediction per line instead of figures

Without a file: cross-validation over the utterances of the knowledge.
`,
	"kb": `
  kb list                          ids and names of all records
  kb show ID                       one record
  kb check DIR                     file, line and remedy of each mistake in a folder
  kb import --out DIR SOURCE…      autoconfig files, folders or https addresses
  kb export [--format yaml|autoconfig|csv] [--out DIR] [ID…]
                                   records as files, also what was taught in chat
  kb remove TOPIC…                 forget what was taught in chat
  kb stats                         how much there is, from where, what needs a look
  kb verify [--json] PROVIDER…|--all
                                   probe the servers and keep the outcome
`,
	"person": `
  --direct CHANNEL    the direct conversation with that person, where known

  mailhelpbot person export slack T0123 U0456
`,
	"db": `
  db copy FROM TO     a whole database into an empty one; files or postgres://…
  db backup FILE      a copy while the database is in use
  db restore FILE     put it back; what is there is kept under another name
  db check            whether the database is whole
`,
	"manifest": `
  mailhelpbot manifest slack > manifest.yaml
`,
	"doctor": `
  --quick         only what needs no network
  --ready         only whether the service that runs here is ready
`,
	"version": `
  --json          one JSON object
`,
}

// help prints the help of the program, or of the command that args name.
func help(std stdio, args []string) int {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		usage(std.out)
		return exitOK
	}
	for _, c := range commands() {
		if c.name == args[0] {
			fmt.Fprintf(std.out, "Usage: mailhelpbot %s\n\n%s.\n%s\nAll commands take --db FILE|URL and --knowledge DIR.\n",
				strings.TrimSpace(c.name+" "+c.args), strings.ToUpper(c.short[:1])+c.short[1:], details[c.name])
			return exitOK
		}
	}
	return unknownCommand(std, args[0])
}

func unknownCommand(std stdio, name string) int {
	fmt.Fprintf(std.err, "mailhelpbot: unknown command %q. “mailhelpbot help” lists the commands.\n", name)
	return exitUsage
}

func usage(w io.Writer) {
	fmt.Fprint(w, "mailhelpbot answers questions on e-mail set-up and tests mail servers live.\n\nUsage:\n  mailhelpbot [--db FILE|URL] [--knowledge DIR]\n      start what is configured; with no chat platform configured: the chat in the terminal\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  mailhelpbot %s\n      %s\n", strings.TrimSpace(c.name+" "+c.args), c.short)
	}
	fmt.Fprint(w, "\n“mailhelpbot help COMMAND” tells more about one of them.\n\nExit status: 0 answered or all well; 1 the check found a failure; 2 wrong use or\nconfiguration; 3 no answer. The README lists all settings.\n")
}
