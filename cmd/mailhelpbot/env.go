package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// settings are everything that the environment configures. Flags may override
// DB and Knowledge.
type settings struct {
	SlackBotToken, SlackAppToken, SlackSigningSecret, SlackAPIURL string
	DiscordToken, DiscordPublicKey, DiscordAPIURL                 string

	DB, Knowledge, HTTP, PublicURL string
	ProbeAllow, ProbeDeny          []netip.Prefix
	LoginAllow                     []string

	MicrosoftClientID, MicrosoftAuthority, GoogleClientID, GoogleClientSecret string

	ProbeRoots, Resolver       string
	TestUser, TestPasswordFile string
	Watch                      time.Duration // 0: nothing is probed unasked
	Lang                       string        // of the terminal: "de", "en" or ""
	Color                      bool
	LogFormat                  string
}

// setting describes one variable; the README's table is made from these.
type setting struct {
	name   string
	secret bool // also read from the file that name_FILE names
	set    func(*settings, string) error
}

func str(field func(*settings) *string) func(*settings, string) error {
	return func(s *settings, v string) error { *field(s) = v; return nil }
}

func settingTable() []setting {
	return []setting{
		{"SLACK_BOT_TOKEN", true, prefixed("xoxb-", func(s *settings) *string { return &s.SlackBotToken })},
		{"SLACK_APP_TOKEN", true, prefixed("xapp-", func(s *settings) *string { return &s.SlackAppToken })},
		{"SLACK_SIGNING_SECRET", true, str(func(s *settings) *string { return &s.SlackSigningSecret })},
		{"SLACK_API_URL", false, str(func(s *settings) *string { return &s.SlackAPIURL })},
		{"DISCORD_TOKEN", true, str(func(s *settings) *string { return &s.DiscordToken })},
		{"DISCORD_PUBLIC_KEY", false, str(func(s *settings) *string { return &s.DiscordPublicKey })},
		{"DISCORD_API_URL", false, str(func(s *settings) *string { return &s.DiscordAPIURL })},
		{"MAILHELPBOT_DB", true, str(func(s *settings) *string { return &s.DB })},
		{"MAILHELPBOT_KNOWLEDGE", false, str(func(s *settings) *string { return &s.Knowledge })},
		{"MAILHELPBOT_HTTP", false, hostPort(func(s *settings) *string { return &s.HTTP })},
		{"MAILHELPBOT_PUBLIC_URL", false, publicURL},
		{"MAILHELPBOT_LOGIN_ALLOW", false, loginHosts},
		{"MAILHELPBOT_MICROSOFT_CLIENT_ID", false, str(func(s *settings) *string { return &s.MicrosoftClientID })},
		{"MAILHELPBOT_MICROSOFT_AUTHORITY", false, httpsURL(func(s *settings) *string { return &s.MicrosoftAuthority })},
		{"MAILHELPBOT_GOOGLE_CLIENT_ID", false, str(func(s *settings) *string { return &s.GoogleClientID })},
		{"MAILHELPBOT_GOOGLE_CLIENT_SECRET", true, str(func(s *settings) *string { return &s.GoogleClientSecret })},
		{"MAILHELPBOT_PROBE_ALLOW", false, networks(func(s *settings) *[]netip.Prefix { return &s.ProbeAllow })},
		{"MAILHELPBOT_PROBE_DENY", false, networks(func(s *settings) *[]netip.Prefix { return &s.ProbeDeny })},
		{"MAILHELPBOT_PROBE_ROOTS", false, str(func(s *settings) *string { return &s.ProbeRoots })},
		{"MAILHELPBOT_RESOLVER", false, hostPort(func(s *settings) *string { return &s.Resolver })},
		{"MAILHELPBOT_WATCH", false, watchInterval},
		{"MAILHELPBOT_TEST_USER", false, str(func(s *settings) *string { return &s.TestUser })},
		{"MAILHELPBOT_TEST_PASSWORD_FILE", false, str(func(s *settings) *string { return &s.TestPasswordFile })},
		{"MAILHELPBOT_LOG", false, func(s *settings, v string) error {
			if v != "text" && v != "json" {
				return errors.New("it is neither text nor json")
			}
			s.LogFormat = v
			return nil
		}},
	}
}

func prefixed(prefix string, field func(*settings) *string) func(*settings, string) error {
	return func(s *settings, v string) error {
		if !strings.HasPrefix(v, prefix) {
			return fmt.Errorf("this is no such token: it must begin with %s", prefix)
		}
		*field(s) = v
		return nil
	}
}

func hostPort(field func(*settings) *string) func(*settings, string) error {
	return func(s *settings, v string) error {
		if _, _, err := net.SplitHostPort(v); err != nil {
			return errors.New("it is not of the form host:port")
		}
		*field(s) = v
		return nil
	}
}

func networks(field func(*settings) *[]netip.Prefix) func(*settings, string) error {
	return func(s *settings, v string) error {
		for i, p := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' }) {
			prefix, err := netip.ParsePrefix(p)
			if err != nil {
				addr, aerr := netip.ParseAddr(p)
				if aerr != nil {
					return fmt.Errorf("entry %d is neither a network such as 10.1.0.0/16 nor an address", i+1)
				}
				prefix = netip.PrefixFrom(addr, addr.BitLen())
			}
			*field(s) = append(*field(s), prefix)
		}
		return nil
	}
}

// watchInterval reads how often providers are probed unasked.
func watchInterval(s *settings, v string) error {
	d, err := time.ParseDuration(v)
	if err != nil {
		return errors.New("it is no time such as 30m or 2h")
	}
	if d < bot.MinWatch {
		return fmt.Errorf("%s is too often: mail servers owe us nothing; at least %s", v, bot.MinWatch)
	}
	s.Watch = d
	return nil
}

// settingFault is a variable that cannot be used, and why.
type settingFault struct {
	name string
	err  error
}

// readSettings reads the environment. A secret may stand in a file that
// NAME_FILE names. Faults name the variable and never its value, since a secret
// may have come into the wrong one; what they concern is as if it were not set.
func readSettings(environ []string) (settings, []settingFault) {
	vars := make(map[string]string, len(environ))
	for _, kv := range environ {
		k, v, _ := strings.Cut(kv, "=")
		vars[k] = v
	}
	s := settings{DB: "bot.db", LogFormat: "text", MicrosoftAuthority: microsoftAuthority, Color: vars["NO_COLOR"] == "" && vars["TERM"] != "dumb"}
	var faults []settingFault
	for _, st := range settingTable() {
		v := strings.TrimSpace(vars[st.name])
		if file := vars[st.name+"_FILE"]; st.secret && v == "" && file != "" {
			b, err := os.ReadFile(file)
			if err != nil {
				faults = append(faults, settingFault{st.name + "_FILE", err})
				continue
			}
			v = strings.TrimSpace(string(b))
		}
		if v == "" {
			continue
		}
		if err := st.set(&s, v); err != nil {
			faults = append(faults, settingFault{st.name, err})
		}
	}
	s.Lang = terminalLang(vars)
	return s, faults
}

// terminalLang reads the locale as POSIX orders its variables.
func terminalLang(vars map[string]string) string {
	for _, k := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := vars[k]; v != "" {
			switch {
			case strings.HasPrefix(v, "de"):
				return "de"
			case strings.HasPrefix(v, "en"):
				return "en"
			}
			return ""
		}
	}
	return ""
}

func (s settings) servesPlatform() bool { return s.SlackBotToken != "" || s.DiscordToken != "" }
