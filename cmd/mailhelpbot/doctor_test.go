package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord"
	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/realtest"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
	"github.com/mailhelpbot/mailhelpbot/internal/testaddr"
)

// surroundings are all that the doctor looks at, on loopback: Slack, Discord,
// DNS, mail servers that only accept connections, a folder of knowledge.
type surroundings struct {
	slack   *fakeslack.Server
	discord *fakediscord.Server
	guild   string
	channel string
	ports   map[int]net.Listener
	env     map[string]string
	dir     string
}

func newSurroundings(t *testing.T, o fakeslack.Options) *surroundings {
	t.Helper()
	s := &surroundings{dir: t.TempDir(), ports: map[int]net.Listener{}}
	var err error
	if s.slack, err = fakeslack.Start(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.slack.Close)
	s.discord = fakediscord.New(fakediscord.Options{MessageContent: true})
	t.Cleanup(s.discord.Close)
	s.guild = s.discord.AddGuild("Support", "de")
	s.channel = s.discord.AddChannel(s.guild, "mail")
	s.discord.AddChannel(s.guild, "allgemein")
	addr := testaddr.Host(t)
	for _, port := range []int{993, 465, 587, 25} {
		l, err := net.Listen("tcp", fmt.Sprintf("%s:%d", addr, port))
		if err != nil {
			if os.Getenv("MAILHELPBOT_CI") != "" {
				t.Fatal(err)
			}
			t.Skip("needs the right to listen on ports below 1024: ", err)
		}
		t.Cleanup(func() { l.Close() })
		s.ports[port] = l
	}
	s.env = map[string]string{
		"MAILHELPBOT_DB":  filepath.Join(s.dir, "bot.db"),
		"SLACK_BOT_TOKEN": s.slack.BotToken(), "SLACK_APP_TOKEN": s.slack.AppToken(), "SLACK_API_URL": s.slack.APIURL(),
		"DISCORD_TOKEN": s.discord.Token, "DISCORD_API_URL": s.discord.URL, "DISCORD_PUBLIC_KEY": fmt.Sprintf("%x", s.discord.PublicKey),
		"MAILHELPBOT_PROBE_ALLOW": "127.0.0.0/8",
		"MAILHELPBOT_RESOLVER": realtest.DNS(
			t, "gmx.net. 60 IN MX 10 mx.gmx.net.", "mx.gmx.net. 60 IN A "+addr,
			"imap.gmx.net. 60 IN A "+addr, "mail.gmx.net. 60 IN A "+addr),
	}
	return s
}

// ask runs the doctor in a language.
func (s *surroundings) ask(t *testing.T, locale string) cliResult {
	t.Helper()
	env := []string{"LANG=" + locale}
	for k, v := range s.env {
		env = append(env, k+"="+v)
	}
	return cli(t, "", env, "doctor")
}

func TestDoctorOnAGoodDay(t *testing.T) {
	s := newSurroundings(t, fakeslack.Options{})
	r := s.ask(t, "en_US.UTF-8")
	if r.status != exitOK || strings.Contains(r.out, "FAIL") || strings.Contains(r.out, "warn") {
		t.Errorf("status %d\n%s%s", r.status, r.out, r.err)
	}
	for _, line := range []string{
		"ok    settings", "ok    database " + s.env["MAILHELPBOT_DB"], "ok    CA certificates", "ok    DNS resolver",
		"ok    outbound port 993", "ok    outbound port 465", "ok    outbound port 587", "ok    outbound port 25",
		"ok    Slack: ", "ok    Discord: mailhelp on 1 servers", "ok    clock",
	} {
		if !strings.Contains(r.out, line) {
			t.Errorf("%q is not in\n%s", line, r.out)
		}
	}
}

// plant is a fault with the words of its finding and its remedy, in English
// and German.
type plant struct {
	fault  func(*testing.T, *surroundings)
	level  string
	en, de []string
}

func plants() map[string]plant {
	return map[string]plant{
		"a Slack token that was revoked": {
			fault: func(_ *testing.T, s *surroundings) { s.env["SLACK_BOT_TOKEN"] = "xoxb-wrong" },
			level: "FAIL", en: []string{"SLACK_BOT_TOKEN", "OAuth & Permissions"}, de: []string{"SLACK_BOT_TOKEN", "Vergleich die App"},
		},
		"a Slack token of the wrong kind": {
			fault: func(_ *testing.T, s *surroundings) { s.env["SLACK_APP_TOKEN"] = "xoxb-mistaken" },
			level: "FAIL", en: []string{"setting SLACK_APP_TOKEN", "xapp-"}, de: []string{"Einstellung SLACK_APP_TOKEN", "Setz die Variable neu"},
		},
		"a Slack app token without connections:write": {
			fault: func(_ *testing.T, s *surroundings) {
				s.slack.Fail("apps.connections.open", fakeslack.Fault{Error: "missing_scope", Needed: "connections:write", Times: -1})
			},
			level: "FAIL", en: []string{"SLACK_APP_TOKEN", "connections:write"}, de: []string{"SLACK_APP_TOKEN", "connections:write"},
		},
		"a Discord token that was reset": {
			fault: func(_ *testing.T, s *surroundings) { s.env["DISCORD_TOKEN"] = "gone" },
			level: "FAIL", en: []string{"refuses the bot token", "Reset Token"}, de: []string{"Discord", "Entwicklerportal"},
		},
		"another app's public key": {
			fault: func(_ *testing.T, s *surroundings) { s.env["DISCORD_PUBLIC_KEY"] = strings.Repeat("ab", 32) },
			level: "FAIL", en: []string{"belongs to another app", "Public Key"}, de: []string{"gehört zu einer anderen App", "General Information"},
		},
		"interactions that go elsewhere": {
			fault: func(t *testing.T, s *surroundings) {
				ad, err := discord.New(discord.Config{Token: s.discord.Token, PublicKey: s.env["DISCORD_PUBLIC_KEY"]})
				if err != nil {
					t.Fatal(err)
				}
				srv := httptest.NewServer(ad.Interactions()) // somebody who answers Discord's test
				defer srv.Close()
				if !s.discord.SetEndpoint(t.Context(), srv.URL) {
					t.Fatal("the address was not accepted")
				}
				delete(s.env, "DISCORD_PUBLIC_KEY")
			},
			level: "FAIL", en: []string{"instead of the gateway", "Interactions Endpoint URL"}, de: []string{"nicht an das Gateway", "Interactions Endpoint URL"},
		},
		"a channel without permission to write": {
			fault: func(_ *testing.T, s *surroundings) {
				s.discord.Deny(s.channel, fakediscord.PermSendMessages|fakediscord.PermAttachFiles)
			},
			level: "warn", en: []string{"in the channel #mail", "Send Messages, Attach Files"}, de: []string{"im Kanal #mail", "Kanal bearbeiten"},
		},
		"few sessions left today": {
			fault: func(_ *testing.T, s *surroundings) { s.discord.SetRemainingIdentifies(11) },
			level: "FAIL", en: []string{"only 11 sessions", "Look into the log"}, de: []string{"nur noch 11 Anmeldungen", "Sieh ins Log"},
		},
		"a shard that is not connected": {
			fault: func(t *testing.T, s *surroundings) {
				st, err := store.Open(t.Context(), s.env["MAILHELPBOT_DB"], time.Now())
				if err != nil {
					t.Fatal(err)
				}
				defer st.Close()
				now := time.Now()
				board := fmt.Sprintf(`{"count":2,"members":{"a":%q},"seats":{"0/2":{"owner":"a","live":true},"1/2":{"owner":"a"}}}`, now.Format(time.RFC3339))
				if err := st.Keep(t.Context(), "discord/shards", []byte(board), now, now.Add(time.Hour)); err != nil {
					t.Fatal(err)
				}
			},
			level: "warn", en: []string{"not connected: 1 of 2", "five seconds"}, de: []string{"nicht verbunden: 1 von 2", "alle fünf Sekunden"},
		},
		"a clock ten minutes fast": {
			fault: func(t *testing.T, s *surroundings) { s.slow(t, 10*time.Minute) },
			level: "FAIL", en: []string{"clock: it is 10m", "time server"}, de: []string{"Uhr: sie geht 10m", "Zeitserver"},
		},
		"no resolver": {
			fault: func(_ *testing.T, s *surroundings) { s.env["MAILHELPBOT_RESOLVER"] = "127.0.0.1:1" },
			level: "FAIL", en: []string{"DNS resolver", "resolv.conf", "not checked without"}, de: []string{"Namensauflösung", "Firewall für Port 53"},
		},
		"port 465 closed": {
			fault: func(_ *testing.T, s *surroundings) { s.ports[465].Close() },
			level: "FAIL", en: []string{"outbound port 465: no connection to mail.gmx.net", "Allow outbound port 465"}, de: []string{"Port 465 nach draußen", "Gib Port 465"},
		},
		"port 25 closed": {
			fault: func(_ *testing.T, s *surroundings) { s.ports[25].Close() },
			level: "warn", en: []string{"outbound port 25: no connection to mx.gmx.net", "Most hosting providers"}, de: []string{"Port 25 nach draußen", "Die meisten Hoster"},
		},
		"a CA file that is none": {
			fault: func(t *testing.T, s *surroundings) { s.env["MAILHELPBOT_PROBE_ROOTS"] = s.file(t, "ca.pem", "no PEM") },
			level: "FAIL", en: []string{"CA certificates", "readable PEM file"}, de: []string{"Zertifizierungsstellen", "lesbare PEM-Datei"},
		},
		"a database of another application": {
			fault: func(t *testing.T, s *surroundings) { s.env["MAILHELPBOT_DB"] = s.file(t, "notes.db", "my notes") },
			level: "FAIL", en: []string{"not a mailhelpbot database", "--db"}, de: []string{"Datenbank", "lässt"},
		},
		"a database that others can read": {
			fault: func(t *testing.T, s *surroundings) {
				if r := s.ask(t, "C"); r.status != exitOK {
					t.Fatal(r.out)
				}
				if err := os.Chmod(s.env["MAILHELPBOT_DB"], 0o644); err != nil {
					t.Fatal(err)
				}
			},
			level: "warn", en: []string{"other users", "chmod 600"}, de: []string{"andere Benutzer", "chmod 600"},
		},
		"a broken folder of knowledge": {
			fault: func(t *testing.T, s *surroundings) {
				s.file(t, "own/providers/acme.yaml", "id: acme\nname: Acme\nservers: 7\n")
				s.env["MAILHELPBOT_KNOWLEDGE"] = filepath.Join(s.dir, "own")
			},
			level: "FAIL", en: []string{"acme.yaml", "kb check"}, de: []string{"acme.yaml", "nennt Datei, Zeile"},
		},
		"a public address without TLS": {
			fault: func(_ *testing.T, s *surroundings) {
				s.env["MAILHELPBOT_PUBLIC_URL"], s.env["MAILHELPBOT_HTTP"] = "http://mailhelp.example.org", "127.0.0.1:0"
			},
			level: "FAIL", en: []string{"setting MAILHELPBOT_PUBLIC_URL", "https://"}, de: []string{"Einstellung MAILHELPBOT_PUBLIC_URL", "Setz die Variable"},
		},
		"a public address that leads nowhere": {
			fault: func(_ *testing.T, s *surroundings) { s.env["MAILHELPBOT_PUBLIC_URL"] = "https://127.0.0.1:1" },
			level: "FAIL", en: []string{"nobody listens", "MAILHELPBOT_HTTP"}, de: []string{"lauscht niemand", "Setz MAILHELPBOT_HTTP"},
		},
		"a public address of something else": {
			fault: func(t *testing.T, s *surroundings) {
				srv := httptest.NewServer(http.NotFoundHandler())
				t.Cleanup(srv.Close)
				s.env["MAILHELPBOT_PUBLIC_URL"], s.env["MAILHELPBOT_HTTP"] = srv.URL, "127.0.0.1:0"
			},
			level: "FAIL", en: []string{"something else answers", "status 404"}, de: []string{"etwas anderes", "Status 404"},
		},
	}
}

// slow puts a proxy before Slack whose clock is behind, so that ours seems fast.
func (s *surroundings) slow(t *testing.T, by time.Duration) {
	t.Helper()
	to, err := url.Parse(s.slack.APIURL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: to.Scheme, Host: to.Host})
	proxy.ModifyResponse = func(r *http.Response) error {
		r.Header.Set("Date", time.Now().Add(-by).UTC().Format(http.TimeFormat))
		return nil
	}
	srv := httptest.NewServer(proxy)
	t.Cleanup(srv.Close)
	s.env["SLACK_API_URL"] = srv.URL + "/api/"
	delete(s.env, "DISCORD_TOKEN") // whose clock is right
}

func (s *surroundings) file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestDoctorFindsEachFault plants one fault at a time and reads what the
// doctor says to do, in both languages. Nothing else may be found.
func TestDoctorFindsEachFault(t *testing.T) {
	for name, p := range plants() {
		t.Run(name, func(t *testing.T) {
			s := newSurroundings(t, fakeslack.Options{})
			p.fault(t, s)
			for locale, words := range map[string][]string{"en_US.UTF-8": p.en, "de_DE.UTF-8": p.de} {
				r := s.ask(t, locale)
				if want := map[string]int{"FAIL": exitFailure, "warn": exitOK}[p.level]; r.status != want {
					t.Errorf("%s: status %d, want %d", locale, r.status, want)
				}
				found := regexp.MustCompile(`(?m)^(FAIL|warn) .*\n {6}.*`).FindAllString(r.out, -1)
				if len(found) != 1 || !strings.HasPrefix(found[0], p.level) {
					t.Errorf("%s: %d findings\n%s%s", locale, len(found), r.out, r.err)
				}
				for _, w := range words {
					if !strings.Contains(r.out, w) {
						t.Errorf("%s: %q is not in\n%s", locale, w, r.out)
					}
				}
				for _, secret := range []string{s.env["SLACK_BOT_TOKEN"], s.env["SLACK_APP_TOKEN"], s.discord.Token} {
					if strings.Contains(r.out+r.err, secret) {
						t.Errorf("%s: a token is shown\n%s", locale, r.out)
					}
				}
			}
		})
	}
}

// TestDoctorFindsRemovedScopes removes each scope of the manifest in turn.
func TestDoctorFindsRemovedScopes(t *testing.T) {
	manifest := cli(t, "", nil, "manifest", "slack").out
	scopes := regexp.MustCompile(`(?m)^ +- ([a-z_]+:[a-z]+|commands)$`).FindAllStringSubmatch(manifest, -1)
	if len(scopes) < 8 {
		t.Fatalf("%d scopes in\n%s", len(scopes), manifest)
	}
	for _, scope := range scopes {
		left := slices.DeleteFunc(fakeslack.AllScopes(), func(s string) bool { return s == scope[1] })
		s, err := fakeslack.Start(fakeslack.Options{Scopes: left})
		if err != nil {
			t.Fatal(err)
		}
		r := cli(t, "", []string{
			"MAILHELPBOT_DB=:memory:", "SLACK_API_URL=" + s.APIURL(), "SLACK_BOT_TOKEN=" + s.BotToken(), "SLACK_APP_TOKEN=" + s.AppToken(),
			"MAILHELPBOT_RESOLVER=127.0.0.1:1",
		}, "doctor")
		if r.status != exitFailure || !regexp.MustCompile(`(?m)^FAIL  Slack: these scopes are missing: `+scope[1]+` \(.*\)\n.*install the app again`).MatchString(r.out) {
			t.Errorf("without %s: status %d\n%s", scope[1], r.status, r.out)
		}
		s.Close()
	}
}

// TestDoctorFindsMissingPermissions takes each permission of the invitation
// from the bot, on the whole server and in one channel.
func TestDoctorFindsMissingPermissions(t *testing.T) {
	for name, bit := range map[string]uint64{
		"Send Messages": fakediscord.PermSendMessages, "Send Messages in Threads": fakediscord.PermSendMessagesInThreads,
		"Create Public Threads": fakediscord.PermCreatePublicThreads, "Embed Links": fakediscord.PermEmbedLinks,
		"Attach Files": fakediscord.PermAttachFiles, "Read Message History": fakediscord.PermReadHistory,
	} {
		d := fakediscord.New(fakediscord.Options{MessageContent: true})
		guild := d.AddGuild("Support", "de")
		here, there := d.AddChannel(guild, "hier"), d.AddForum(guild, "dort")
		hidden := d.AddChannel(guild, "leitung")
		d.Deny(hidden, fakediscord.PermViewChannel|bit)
		env := []string{"MAILHELPBOT_DB=:memory:", "DISCORD_API_URL=" + d.URL, "DISCORD_TOKEN=" + d.Token, "MAILHELPBOT_RESOLVER=127.0.0.1:1"}
		if r := cli(t, "", env, "doctor"); !strings.Contains(r.out, "ok    Discord: ") || strings.Contains(r.out, "Discord: in") {
			t.Errorf("%s: a channel that the bot does not see is none of its business\n%s", name, r.out)
		}
		d.Deny(here, bit)
		if r := cli(t, "", env, "doctor"); !strings.Contains(r.out, "warn  Discord: in the channel #hier of “Support” the bot lacks: "+name+"\n") {
			t.Errorf("%s in one channel\n%s", name, r.out)
		}
		d.Deny(there, bit)
		if r := cli(t, "", env, "doctor"); r.status != exitFailure || !strings.Contains(r.out, "FAIL  Discord: on the server “Support” the bot lacks everywhere: "+name+"\n") {
			t.Errorf("%s on the whole server\n%s", name, r.out)
		}
		d.Close()
	}
}

func TestDoctorTextsAreWhole(t *testing.T) {
	place := regexp.MustCompile(`\{\w+\}`)
	texts := doctorTexts()
	for key, text := range texts {
		if text.de == "" || text.en == "" {
			t.Errorf("%s: a language is missing", key)
		}
		de, en := place.FindAllString(text.de, -1), place.FindAllString(text.en, -1)
		slices.Sort(de)
		slices.Sort(en)
		if !slices.Equal(de, en) {
			t.Errorf("%s: %v in German, %v in English", key, de, en)
		}
		if parts := strings.Split(key, "."); len(parts) == 3 && texts[strings.TrimSuffix(key, ".do")] == (bilingual{}) {
			t.Errorf("%s is a remedy for nothing", key)
		}
	}
}

func TestDoctorWatchesTheDisk(t *testing.T) {
	for free, want := range map[uint64]level{10 << 20: failure, 300 << 20: warning, 5 << 30: fine} {
		d := &doctor{lang: "en", in: &invocation{env: settings{DB: "/data/bot.db"}}, free: func(string) (uint64, error) { return free, nil }}
		got := checkDisk(t.Context(), d)
		if len(got) != 1 || got[0].level != want || !strings.Contains(got[0].what, fmt.Sprintf("%d MB free below /data", free>>20)) {
			t.Errorf("%d bytes: %+v", free, got)
		}
	}
	if n, err := freeSpace(t.TempDir()); err != nil || n == 0 {
		t.Errorf("%d bytes free, %v", n, err)
	}
}
