package fakediscord

import (
	"regexp"
	"slices"
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

// commandCheck holds one command against the documented limits.
type commandCheck struct {
	f     formErrors
	slash bool
	total int // characters of names, descriptions and values
}

func checkCommand(f formErrors, c *Command) {
	k := &commandCheck{f: f, slash: c.Type == 1}
	k.name("name", c.Name, c.NameLocalizations)
	if !k.slash {
		if c.Description != "" || len(c.Options) > 0 {
			f.add("description", "Context menu commands cannot have description or options")
		}
		return
	}
	k.description(c.Description, c.DescriptionLocalizations)
	k.options(c.Options, 0)
	if k.total > 8000 {
		f.add("options", "Command exceeds maximum size (8000)")
	}
}

func (k *commandCheck) text(field, v string, most int) {
	n := runes(v)
	if k.total += n; n < 1 || n > most {
		k.f.add(field, "Must be between 1 and %d in length.", most)
	}
}

func (k *commandCheck) locale(field, locale string) {
	if !locales[locale] {
		k.f.add(field, "%q is no locale", locale)
	}
}

func (k *commandCheck) name(field, v string, local map[string]string) {
	one := func(field, v string) {
		if k.text(field, v, 32); k.slash && !slashName.MatchString(v) {
			k.f.add(field, "Command name is invalid")
		}
	}
	one(field, v)
	for locale, s := range local {
		k.locale(field+"_localizations", locale)
		one(field+"_localizations", s)
	}
}

func (k *commandCheck) description(v string, local map[string]string) {
	k.text("description", v, 100)
	for locale, s := range local {
		k.locale("description_localizations", locale)
		k.text("description_localizations", s, 100)
	}
}

// once takes a name of an option, which its siblings must not have.
func (k *commandCheck) once(seen map[string]bool, name string) {
	if seen[name] {
		k.f.add("options", "Option name already exists")
	}
	seen[name] = true
}

// options checks a list of options; deep counts the parts around it, of which
// Discord allows a group and a sub-command.
func (k *commandCheck) options(list []CommandOption, deep int) {
	if len(list) > 25 {
		k.f.add("options", "Must be 25 or fewer in length.")
	}
	optional, parts, seen := false, 0, map[string]bool{}
	for _, o := range list {
		k.name("options.name", o.Name, o.NameLocalizations)
		k.description(o.Description, o.DescriptionLocalizations)
		for locale, n := range o.NameLocalizations {
			k.once(seen, locale+":"+n)
		}
		k.once(seen, ":"+o.Name)
		switch {
		case o.Type < 1 || o.Type > 11:
			k.f.add("options.type", "Value must be one of (1 to 11).")
		case o.Type <= optionGroup:
			if parts++; deep > 1 || o.Type == optionSub && slices.ContainsFunc(o.Options, func(x CommandOption) bool { return x.Type <= optionGroup }) {
				k.f.add("options.type", "Sub-command option type is not allowed here")
			}
			k.options(o.Options, deep+1)
			continue
		}
		if o.Required && optional {
			k.f.add("options", "Required options must be placed before non-required options")
		}
		optional = optional || !o.Required
		if o.Autocomplete && len(o.Choices) > 0 {
			k.f.add("options.choices", "Choices and autocomplete are mutually exclusive")
		}
		checkChoices(k.f, "options.choices", o.Choices)
	}
	if parts > 0 && parts < len(list) {
		k.f.add("options", "Sub-commands and other options are mutually exclusive")
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
