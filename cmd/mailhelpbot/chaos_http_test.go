package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/testaddr"
)

// callers are the load of TestChaosHTTP: what the platforms bring by requests.
type callers struct {
	crowd
	d        *fakediscord.Server
	people   []fakediscord.User
	channels []string

	commands []slashed
	calls    []*fakediscord.Interaction
	called   []string // the channel of each
}

// slashed is a slash command on Slack, in a channel of its own.
type slashed struct {
	channel  string
	delivery *fakeslack.Delivery
}

// rounds asks until ctx ends: fifty mentions a second on Slack, some of them
// again, and five commands on each platform.
func (w *callers) rounds(ctx context.Context) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for i := 0; ctx.Err() == nil; i++ {
		<-tick.C
		n := i % chaosChannels
		w.asked = append(w.asked, w.s.Say(fmt.Sprintf("U%05d", n), fmt.Sprintf("C%05d", n), "", fakeslack.Mention()+" Welche Einstellungen hat GMX für IMAP?"))
		if w.random.Float64() < chaosRepeated {
			w.again++
			for _, d := range w.asked[max(0, len(w.asked)-1-w.random.IntN(200))].Deliveries {
				w.s.Redeliver(d)
			}
		}
		if i%10 != 0 {
			continue
		}
		user := fmt.Sprintf("U%05d", n)
		c := slashed{channel: fmt.Sprintf("K%05d", len(w.commands))}
		w.s.AddChannel(fakeslack.Channel{ID: c.channel, Name: c.channel, Members: []string{user, fakeslack.BotUserID}})
		c.delivery = w.s.Slash(user, c.channel, "/settings", "gmx imap")
		w.commands = append(w.commands, c)
		w.called = append(w.called, w.d.AddChannel(w.channels[0], c.channel))
		w.calls = append(w.calls, w.d.Slash(w.people[n%len(w.people)], w.called[len(w.called)-1], "settings", fakediscord.Opt("provider", "gmx")))
	}
}

// countCommands holds the answers to commands against what was acknowledged.
func (w *callers) countCommands() (slack, discord outcome) {
	tell := func(o *outcome, acked bool, n int) {
		o.asked++
		if acked {
			o.acked++
		}
		switch {
		case n > 1:
			o.twice++
		case n == 1:
			o.once++
		case acked:
			o.never++
		default:
			o.unsent++
		}
	}
	for _, c := range w.commands {
		tell(&slack, c.delivery.State().Acked, len(w.s.Posts(c.channel)))
	}
	for i, c := range w.calls {
		n := 0
		for _, m := range w.d.FromBot(w.called[i]) {
			if m.Content != "" || len(m.Embeds) > 0 { // not the mere "thinking…"
				n++
			}
		}
		tell(&discord, c.ResponseType() != 0, n)
	}
	return slack, discord
}

// TestChaosHTTP kills the process that both platforms reach by HTTP: Slack's
// events, which it repeats, and the commands of both, which nobody repeats. What
// was acknowledged was stored, and is answered once.
func TestChaosHTTP(t *testing.T) {
	c, random := newCrowd(t)
	d := fakediscord.New(fakediscord.Options{})
	defer d.Close()
	w := &callers{crowd: crowd{s: c.s, random: rand.New(rand.NewPCG(5, 6))}, d: d, channels: []string{d.AddGuild("Support", "de")}}
	for i := range chaosChannels {
		w.people = append(w.people, d.AddUser(fmt.Sprint("u", i), "de"))
	}
	addr := testaddr.HostPort(t)
	f := newFleet(t, 1,
		"SLACK_BOT_TOKEN="+c.s.BotToken(), "SLACK_SIGNING_SECRET="+c.s.SigningSecret(), "SLACK_API_URL="+c.s.APIURL(),
		"DISCORD_API_URL="+d.URL, "DISCORD_TOKEN="+d.Token, fmt.Sprintf("DISCORD_PUBLIC_KEY=%x", []byte(d.PublicKey)),
		"MAILHELPBOT_HTTP="+addr, "MAILHELPBOT_DB="+filepath.Join(t.TempDir(), "bot.db"))
	c.s.PushTo("http://" + addr)
	up := func() {
		f.start(0)
		await(t, "a process that is ready", func() bool {
			resp, err := http.Get("http://" + addr + "/readyz")
			if err != nil {
				return false
			}
			resp.Body.Close()
			return resp.StatusCode == http.StatusOK
		})
	}
	up()
	await(t, "the commands of Discord", func() bool { return len(d.Commands()) > 0 })
	if !d.SetEndpoint(t.Context(), "http://"+addr+"/discord/interactions") {
		t.Fatal("the endpoint is refused")
	}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { w.rounds(ctx) })
	for range *chaosRounds {
		w.works(t)
		time.Sleep(round(random)) // the point of the test: any moment
		f.kill(0)
		up()
	}
	stop()
	wg.Wait()
	// Slack's last repetitions come after one and five minutes. A signature is
	// good for five, so its clock may run ahead for that long.
	for range 28 {
		c.s.Clock.Advance(10 * time.Second)
		time.Sleep(50 * time.Millisecond)
	}
	o := w.settle(t, 2*time.Minute)
	w.check(t, o)
	var slack, discord outcome
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if slack, discord = w.countCommands(); slack.never+discord.never == 0 {
			break
		}
	}
	time.Sleep(3 * time.Second) // a second answer would come now
	slack, discord = w.countCommands()
	t.Logf("commands on Slack: %s", slack)
	t.Logf("commands on Discord: %s", discord)
	if slack.twice+slack.never+discord.twice+discord.never > 0 {
		t.Error("not every command that was acknowledged was answered once")
	}
	if err := f.end(0, syscall.SIGTERM); err != nil {
		t.Errorf("SIGTERM: %v", err)
	}
}
