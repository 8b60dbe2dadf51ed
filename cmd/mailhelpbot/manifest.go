package main

import (
	"context"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// runManifest prints what Slack asks for under “Create an app → From a manifest”.
func runManifest(_ context.Context, in *invocation) error {
	if err := in.parse(); err != nil {
		return err
	}
	if len(in.args) != 1 || in.args[0] != "slack" {
		return usagef("manifest is made for: slack. Example: mailhelpbot manifest slack > manifest.yaml")
	}
	b, err := slack.Manifest(bot.Commands())
	if err != nil {
		return err
	}
	_, err = in.out.Write(b)
	return err
}
