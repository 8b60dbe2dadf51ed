package fakediscord

import (
	"regexp"
	"unicode/utf8"
)

func runes(s string) int { return utf8.RuneCountInString(s) }

// slashName is the documented pattern of names of commands and options, less
// the two scripts that Go names otherwise.
var slashName = regexp.MustCompile(`^[-_'\p{L}\p{N}]{1,32}$`)

func (s *Server) getCommands(*request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Command{}, s.commands...), nil
}

// putCommands is PUT /applications/{app}/commands: it replaces all commands.
// Limits: discord.com/developers/docs/interactions/application-commands.
func (s *Server) putCommands(r *request) (any, *apiError) {
	var list []Command
	if err := r.decode(&list); err != nil {
		return nil, err
	}
	f, seen := formErrors{}, map[string]bool{}
	count := map[int]int{}
	for i := range list {
		c := &list[i]
		if c.Type == 0 {
			c.Type = 1
		}
		count[c.Type]++
		key := string(rune('0'+c.Type)) + c.Name
		if seen[key] {
			f.add("name", "Application command names must be unique")
		}
		seen[key] = true
		checkCommand(f, c)
	}
	if count[1] > 100 || count[2] > 15 || count[3] > 15 {
		return nil, &apiError{Status: 400, Code: 30032, Message: "Maximum number of application commands reached"}
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.PathValue("app") != s.AppID {
		return nil, errMissingAccess
	}
	for i := range list {
		list[i].ID, list[i].ApplicationID, list[i].Version = s.nextID(), s.AppID, s.nextID()
	}
	s.commands = list
	s.touch()
	return list, nil
}

func checkCommand(f formErrors, c *Command) {
	total := 0
	text := func(field, v string, least, most int) {
		n := runes(v)
		if total += n; n < least || n > most {
			f.add(field, "Must be between %d and %d in length.", least, most)
		}
	}
	name := func(field, v string) {
		if text(field, v, 1, 32); c.Type == 1 && !slashName.MatchString(v) {
			f.add(field, "Command name is invalid")
		}
	}
	names := func(field string, v map[string]string) {
		for locale, s := range v {
			if !locales[locale] {
				f.add(field, "%q is no locale", locale)
			}
			name(field, s)
		}
	}
	descriptions := func(v string, local map[string]string) {
		text("description", v, 1, 100)
		for locale, s := range local {
			if text("description_localizations", s, 1, 100); !locales[locale] {
				f.add("description_localizations", "%q is no locale", locale)
			}
		}
	}
	name("name", c.Name)
	names("name_localizations", c.NameLocalizations)
	if c.Type != 1 {
		if c.Description != "" || len(c.Options) > 0 {
			f.add("description", "Context menu commands cannot have description or options")
		}
		return
	}
	descriptions(c.Description, c.DescriptionLocalizations)
	if len(c.Options) > 25 {
		f.add("options", "Must be 25 or fewer in length.")
	}
	optional := false
	for _, o := range c.Options {
		name("options.name", o.Name)
		names("options.name_localizations", o.NameLocalizations)
		descriptions(o.Description, o.DescriptionLocalizations)
		if o.Required && optional {
			f.add("options", "Required options must be placed before non-required options")
		}
		optional = optional || !o.Required
		if o.Autocomplete && len(o.Choices) > 0 {
			f.add("options.choices", "Choices and autocomplete are mutually exclusive")
		}
		checkChoices(f, "options.choices", o.Choices)
	}
	if total > 8000 {
		f.add("options", "Command exceeds maximum size (8000)")
	}
}

func checkChoices(f formErrors, field string, choices []Choice) {
	if len(choices) > 25 {
		f.add(field, "Must be 25 or fewer in length.")
	}
	for _, c := range choices {
		v, _ := c.Value.(string)
		if n := runes(c.Name); n < 1 || n > 100 || runes(v) > 100 {
			f.add(field, "Must be between 1 and 100 in length.")
		}
	}
}

// locales are the languages of Discord's clients
// (discord.com/developers/docs/reference#locales).
var locales = map[string]bool{
	"id": true, "da": true, "de": true, "en-GB": true, "en-US": true, "es-ES": true, "es-419": true, "fr": true, "hr": true, "it": true,
	"lt": true, "hu": true, "nl": true, "no": true, "pl": true, "pt-BR": true, "ro": true, "fi": true, "sv-SE": true, "vi": true, "tr": true,
	"cs": true, "el": true, "bg": true, "ru": true, "uk": true, "hi": true, "th": true, "zh-CN": true, "ja": true, "zh-TW": true, "ko": true,
}
