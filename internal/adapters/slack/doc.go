// Package slack connects the bot to Slack.
package slack
