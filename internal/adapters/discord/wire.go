package discord

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/bwmarrin/discordgo"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// What Discord sends, as far as it is read. The same types serve the gateway
// and HTTP interactions. discordgo's own lack fields that are needed here: the
// channel of an interaction with its kind and parent, and Label components.

type user struct {
	ID     string `json:"id"`
	Name   string `json:"username"`
	Bot    bool   `json:"bot"`
	System bool   `json:"system"`
}

// Channel types (discord.com/developers/docs/resources/channel).
const (
	channelText         = 0
	channelDM           = 1
	channelAnnouncement = 5
	channelForum        = 15
	threadAnnouncement  = 10
	threadPublic        = 11
	threadPrivate       = 12
)

type channel struct {
	ID       string `json:"id"`
	Type     int    `json:"type"`
	GuildID  string `json:"guild_id"`
	ParentID string `json:"parent_id"`
	OwnerID  string `json:"owner_id"`
	Name     string `json:"name"`
	Member   *struct {
		UserID string `json:"user_id"`
	} `json:"member"`
}

func (c channel) thread() bool { return c.Type >= threadAnnouncement && c.Type <= threadPrivate }

// Message types that people write; all others are system messages.
const (
	messageDefault = 0
	messageReply   = 19
)

type message struct {
	Member     *member     `json:"member"`
	ID         string      `json:"id"`
	ChannelID  string      `json:"channel_id"`
	GuildID    string      `json:"guild_id"`
	Type       int         `json:"type"`
	Author     user        `json:"author"`
	Content    string      `json:"content"`
	WebhookID  string      `json:"webhook_id"`
	Mentions   []user      `json:"mentions"`
	Timestamp  time.Time   `json:"timestamp"`
	Edited     *time.Time  `json:"edited_timestamp"`
	Referenced *message    `json:"referenced_message"`
	Components []component `json:"components"`
}

// member is what somebody is on a server.
type member struct {
	User        user     `json:"user"`
	Roles       []string `json:"roles"`
	Permissions string   `json:"permissions"` // in the channel; with interactions only
}

// groups are the member's roles, nil for none.
func (m member) groups() []string {
	if len(m.Roles) == 0 {
		return nil
	}
	return m.Roles
}

type component struct {
	Type       int         `json:"type"`
	CustomID   string      `json:"custom_id"`
	Label      string      `json:"label"`
	Value      string      `json:"value"`
	Values     []string    `json:"values"`
	Components []component `json:"components"`
	Component  *component  `json:"component"`
}

// walk calls f for every component below and including c.
func (c component) walk(f func(component)) {
	f(c)
	for _, x := range c.Components {
		x.walk(f)
	}
	if c.Component != nil {
		c.Component.walk(f)
	}
}

// Interaction types.
const (
	interactionPing         = 1
	interactionCommand      = 2
	interactionComponent    = 3
	interactionAutocomplete = 4
	interactionModal        = 5
)

type interaction struct {
	raw json.RawMessage // as it came

	ID            string          `json:"id"`
	ApplicationID string          `json:"application_id"`
	Type          int             `json:"type"`
	Token         string          `json:"token"`
	GuildID       string          `json:"guild_id"`
	ChannelID     string          `json:"channel_id"`
	Channel       channel         `json:"channel"`
	Member        *member         `json:"member"`
	User          *user           `json:"user"`
	Locale        string          `json:"locale"`
	GuildLocale   string          `json:"guild_locale"`
	Message       *message        `json:"message"`
	Data          interactionData `json:"data"`
}

type interactionData struct {
	Name     string   `json:"name"`
	Type     int      `json:"type"`
	TargetID string   `json:"target_id"`
	Options  []option `json:"options"`
	Resolved struct {
		Messages map[string]message `json:"messages"`
	} `json:"resolved"`
	CustomID   string      `json:"custom_id"`
	Components []component `json:"components"`
}

// Command types.
const (
	commandSlash   = 1
	commandMessage = 3
)

type option struct {
	Name    string          `json:"name"`
	Type    int             `json:"type"`
	Value   json.RawMessage `json:"value"`
	Focused bool            `json:"focused"`
	Options []option        `json:"options"`
}

// text is the option's value; a number or a truth value comes as it is written.
func (o option) text() string {
	var s string
	if json.Unmarshal(o.Value, &s) == nil {
		return s
	}
	return string(o.Value)
}

// Permissions that make somebody an admin of a place: of the server, or of the
// channel that something happens in (discord.com/developers/docs/topics/permissions).
const adminPermissions = discordgo.PermissionAdministrator | discordgo.PermissionManageGuild | discordgo.PermissionManageChannels

// admin says whether the permissions make their holder an admin.
func admin(permissions string) bool {
	bits, err := strconv.ParseInt(permissions, 10, 64)
	return err == nil && bits&adminPermissions != 0
}

func (in interaction) who() string {
	switch {
	case in.Member != nil:
		return in.Member.User.ID
	case in.User != nil:
		return in.User.ID
	}
	return ""
}

// name is what the person is called.
func (in interaction) name() string {
	switch {
	case in.Member != nil:
		return in.Member.User.Name
	case in.User != nil:
		return in.User.Name
	}
	return ""
}

// lang is the language of the person's client, else German if that is the
// server's; other languages say nothing about which of ours is liked better.
func (in interaction) lang() bot.Lang {
	if l := langOf(in.Locale); l != "" {
		return l
	}
	if langOf(in.GuildLocale) == "de" {
		return "de"
	}
	return ""
}

// langOf reads a locale such as "de" or "en-GB".
func langOf(locale string) bot.Lang {
	if len(locale) < 2 || len(locale) > 2 && locale[2] != '-' {
		return ""
	}
	switch locale[:2] {
	case "de", "en":
		return bot.Lang(locale[:2])
	}
	return ""
}
