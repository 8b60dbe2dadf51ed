// Command mailhelpbot is a support assistant for e-mail set-up: a chat in the
// terminal, one-shot questions and tests, and a service for Slack and Discord.
//
// main.go is the only place that knows the process; everything else is a
// function of context, arguments, environment and streams. The commands stand
// in a table in run.go, one file each.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Environ(), stdio{os.Stdin, os.Stdout, os.Stderr}))
}
