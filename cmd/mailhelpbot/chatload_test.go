package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
)

// asked are messages as people write them; each gets an answer.
var asked = []string{
	"welche imap daten brauche ich für gmx?", "what are the smtp settings for gmail", "outlook fragt ständig nach dem passwort", "thunderbird cannot connect to imap.web.de",
	"t-online smtp port", "how do I set up icloud mail on android", "Was ist der Unterschied zwischen IMAP und POP3?", "error 0x800CCC0E in outlook",
	"mein iphone zeigt zertifikat ungültig bei strato", "550 5.7.60 client does not have permissions", "posteo einstellungen", "which port for submission with starttls?",
	"/settings freenet smtp", "/settings mailbox.org", "mails kommen doppelt an, pop3", "ionos postausgangsserver lehnt ab", "yahoo app password?", "web.de imap aktivieren",
	"authentication failed 535 5.7.8", "kann keine mails senden aber empfangen, vodafone",
}

// loader says messages to a platform and counts what is answered.
type loader struct {
	say      func(n int)
	answered func() int
	await    func(ctx context.Context, cond func() bool) error
}

// run keeps window messages under way until n are answered.
func (l loader) run(b *testing.B, n, window int) {
	before := l.answered()
	said, err := 0, error(nil)
	for ; said < n && err == nil; said++ {
		l.say(said)
		err = l.await(b.Context(), func() bool { return said+1-(l.answered()-before) < window })
	}
	if err == nil {
		err = l.await(b.Context(), func() bool { return l.answered()-before >= n })
	}
	if err != nil {
		b.Fatal(err)
	}
}

func benchDiscord(b *testing.B) loader {
	d := fakediscord.New(fakediscord.Options{Buckets: []fakediscord.Bucket{}, GlobalPerSecond: -1, Quiet: true})
	b.Cleanup(d.Close)
	guild := d.AddGuild("Support", "de")
	d.AddChannel(guild, "mail")
	var people []fakediscord.User
	var rooms []string
	for range 500 {
		u := d.AddUser("p", "de")
		people, rooms = append(people, u), append(rooms, d.OpenDM(u))
	}
	benchServe(b, "DISCORD_API_URL="+d.URL, "DISCORD_TOKEN="+d.Token)
	l := loader{
		say:      func(n int) { d.Say(people[n%len(people)], rooms[n%len(rooms)], asked[n%len(asked)]) },
		answered: d.Sent, await: d.Await,
	}
	if err := d.Await(b.Context(), func() bool { return d.Connected() && len(d.Commands()) > 0 }); err != nil {
		b.Fatal(err)
	}
	return l
}

func benchSlack(b *testing.B) loader {
	s, err := fakeslack.Start(fakeslack.Options{Events: []string{"message.im"}, Quiet: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	var people, rooms []string
	for i := range 500 {
		id := fmt.Sprintf("U%08d", i)
		s.AddUser(fakeslack.User{ID: id, Name: id, Locale: "de-DE"})
		people, rooms = append(people, id), append(rooms, s.OpenIM(id))
	}
	benchServe(b, "SLACK_API_URL="+s.APIURL(), "SLACK_BOT_TOKEN="+s.BotToken(), "SLACK_APP_TOKEN="+s.AppToken())
	if err := s.Await(b.Context(), func() bool { return s.Sockets() > 0 }); err != nil {
		b.Fatal(err)
	}
	return loader{
		say:      func(n int) { s.Say(people[n%len(people)], rooms[n%len(rooms)], "", asked[n%len(asked)]) },
		answered: s.Posted, await: s.Await,
	}
}

// benchServe runs the whole service with a database of its own.
func benchServe(b *testing.B, env ...string) {
	ctx, cancel := context.WithCancel(context.Background())
	var out, errs lockedBuffer
	done := make(chan int, 1)
	env = append(env, "LANG=C", "MAILHELPBOT_DB="+filepath.Join(b.TempDir(), "bot.db"))
	go func() { done <- run(ctx, []string{"serve"}, env, stdio{strings.NewReader(""), &out, &errs}) }()
	b.Cleanup(func() {
		cancel()
		if st := <-done; st != exitOK {
			b.Errorf("serve ended with status %d\n%s", st, errs.String())
		}
	})
}

// cpu is the processor time that this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkLoad is the whole service under load: questions come in, are
// matched, answered out of bot.db's knowledge, and posted. Bot and platform
// share this process. msgs/s is what the machine gave at the time; cpu-µs/msg
// is what a message costs, whatever else the machine did, the fake platform's
// part included.
func BenchmarkLoad(b *testing.B) {
	for name, start := range map[string]func(*testing.B) loader{"discord": benchDiscord, "slack": benchSlack} {
		b.Run(name, func(b *testing.B) {
			l := start(b)
			l.run(b, 200, 32) // the model is trained, the caches are warm
			b.ResetTimer()
			began, used := time.Now(), cpu()
			l.run(b, b.N, 512)
			b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "msgs/s")
			b.ReportMetric(float64((cpu()-used).Microseconds())/float64(b.N), "cpu-µs/msg")
		})
	}
}

// BenchmarkAcknowledge is the whole service at 200 events a second while
// posting takes three seconds, so that all workers are busy and the queue
// grows: how long the platform waits for each acknowledgement.
func BenchmarkAcknowledge(b *testing.B) {
	const slow = 3 * time.Second
	b.Run("discord", func(b *testing.B) {
		d := fakediscord.New(fakediscord.Options{Buckets: []fakediscord.Bucket{}, GlobalPerSecond: -1, Quiet: true, Slow: slow})
		b.Cleanup(d.Close)
		channel := d.AddChannel(d.AddGuild("Support", "de"), "mail")
		anna := d.AddUser("anna", "de")
		benchServe(b, "DISCORD_API_URL="+d.URL, "DISCORD_TOKEN="+d.Token)
		d.Await(b.Context(), func() bool { return d.Connected() && len(d.Commands()) > 0 })
		paced(b, func() func() time.Duration {
			call := d.Slash(anna, channel, "settings", fakediscord.Opt("provider", "gmx"))
			return func() time.Duration {
				d.Await(b.Context(), func() bool { return call.ResponseType() != 0 })
				return call.RespondedAfter()
			}
		})
	})
	b.Run("slack", func(b *testing.B) {
		s, err := fakeslack.Start(fakeslack.Options{Quiet: true, Slow: slow})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(s.Close)
		s.AddUser(fakeslack.User{ID: "U1", Name: "anna", Locale: "de-DE"})
		s.AddChannel(fakeslack.Channel{ID: "C1", Name: "support", Members: []string{"U1", fakeslack.BotUserID}})
		benchServe(b, "SLACK_API_URL="+s.APIURL(), "SLACK_BOT_TOKEN="+s.BotToken(), "SLACK_APP_TOKEN="+s.AppToken())
		s.Await(b.Context(), func() bool { return s.Sockets() > 0 })
		paced(b, func() func() time.Duration {
			began, took := time.Now(), make(chan time.Duration, 1)
			call := s.Slash("U1", "C1", "/settings", "gmx")
			go func() {
				call.Wait(b.Context())
				took <- time.Since(began)
			}()
			return func() time.Duration { return <-took }
		})
	})
}

// paced does something 200 times a second, and reports how long it took.
func paced(b *testing.B, do func() (took func() time.Duration)) {
	do()()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	var calls []func() time.Duration
	for b.Loop() {
		<-tick.C
		calls = append(calls, do())
	}
	var all []time.Duration
	for _, took := range calls {
		all = append(all, took())
	}
	slices.Sort(all)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(all[len(all)/2]), "p50-ms")
	b.ReportMetric(ms(all[len(all)*99/100]), "p99-ms")
	b.ReportMetric(ms(all[len(all)-1]), "max-ms")
}
