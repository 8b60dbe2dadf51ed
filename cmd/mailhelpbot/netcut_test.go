package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/discord/fakediscord"
	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/store/pgtest"
	"github.com/mailhelpbot/mailhelpbot/internal/testaddr"
)

// cutFor is longer than any single wait for the database, and than a replica
// may be silent; see store.
var cutFor = flag.Duration("cut", 25*time.Second, "how long the network between bot and PostgreSQL is cut")

// desks are a Slack and a Discord at which people ask, each question in a
// place of its own.
type desks struct {
	t       *testing.T
	s       *fakeslack.Server
	d       *fakediscord.Server
	guild   string
	anna    fakediscord.User
	slack   []fakeslack.Said
	discord []string
}

const deskChannels = 20

func newDesks(t *testing.T) *desks {
	t.Helper()
	d := fakediscord.New(fakediscord.Options{})
	t.Cleanup(d.Close)
	return &desks{t: t, s: workspace(t, deskChannels), d: d, guild: d.AddGuild("Support", "de"), anna: d.AddUser("anna", "de")}
}

func (k *desks) env(db string) []string {
	return append(slackEnv(k.s, db), "DISCORD_API_URL="+k.d.URL, "DISCORD_TOKEN="+k.d.Token)
}

// ask asks once on each platform.
func (k *desks) ask() {
	n := len(k.slack) % deskChannels
	k.slack = append(k.slack, k.s.Say(fmt.Sprintf("U%05d", n), fmt.Sprintf("C%05d", n), "", fakeslack.Mention()+" Welche Einstellungen hat GMX für IMAP?"))
	c := k.d.AddChannel(k.guild, fmt.Sprint("c", len(k.discord)))
	k.discord = append(k.discord, k.d.Say(k.anna, c, k.d.Mention()+" Welche Einstellungen hat GMX für IMAP?"))
}

// answers are how many answers each question has.
func (k *desks) answers() (out []int) {
	threads := map[string]int{}
	for _, m := range k.s.Posts("") {
		threads[m.Channel+"/"+m.ThreadTS]++
	}
	for _, q := range k.slack {
		out = append(out, threads[q.Channel+"/"+q.TS])
	}
	for _, id := range k.discord {
		out = append(out, len(k.d.FromBot(id)))
	}
	return out
}

func acknowledged(q fakeslack.Said) bool {
	for _, d := range q.Deliveries {
		if d.State().Acked {
			return true
		}
	}
	return false
}

// settle waits until all is answered, while Slack's time runs fast so that its
// repetitions come, and holds that nothing was answered twice.
func (k *desks) settle() {
	k.t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; {
		all := k.answers()
		missing := 0
		for _, n := range all {
			if n == 0 {
				missing++
			}
		}
		if missing == 0 {
			break
		}
		if time.Now().After(end) {
			k.t.Fatalf("%d of %d questions were not answered: %v (first those on Slack)", missing, len(all), all)
		}
		k.s.Clock.Advance(2 * time.Second)
		time.Sleep(100 * time.Millisecond)
	}
	time.Sleep(3 * time.Second) // a second answer would come now
	for i, n := range k.answers() {
		if n != 1 {
			k.t.Errorf("question %d has %d answers (first %d on Slack)", i, n, len(k.slack))
		}
	}
}

// TestNetworkCutBetweenBotAndPostgres cuts it while people ask. What Slack
// brings cannot be stored and is not acknowledged, so that it comes again; what
// Discord brings waits. What was stored is answered when the network is back.
func TestNetworkCutBetweenBotAndPostgres(t *testing.T) {
	t.Parallel()
	pg := pgtest.Start(t, false)
	for name, how := range map[string]pgtest.Fault{"refused": pgtest.Refusing, "lost": pgtest.Losing, "stalled": pgtest.Stalling} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, c := newDesks(t), pgtest.NewCable(t, pg)
			db := c.Through(pg.Database(t))
			addr := testaddr.HostPort(t)
			f := newFleet(t, 1, append(k.env(db), "MAILHELPBOT_HTTP="+addr)...)
			f.connect(k.s, 0)
			await(t, "the gateway", k.d.Connected)
			k.ask()
			await(t, "the first answers", func() bool { a := k.answers(); return a[0]+a[1] == 2 })
			for range 3 {
				k.ask() // under way when the network breaks
			}
			c.Cut(how)
			dark := len(k.slack)
			for end := time.Now().Add(*cutFor); time.Now().Before(end); time.Sleep(time.Second) {
				k.ask()
			}
			for i, q := range k.slack[dark:] {
				if acknowledged(q) {
					t.Errorf("question %d was acknowledged and cannot have been stored", i)
				}
			}
			if status, page := readiness(t, addr); status != http.StatusServiceUnavailable || !strings.Contains(page, "FAIL  database") {
				t.Errorf("/readyz says %d\n%s", status, page)
			}
			before := k.answers()
			c.Mend()
			began := time.Now()
			k.ask()
			k.settle()
			open := 0
			for _, n := range before {
				if n == 0 {
					open++
				}
			}
			await(t, "a process that is ready", func() bool { status, _ := readiness(t, addr); return status == http.StatusOK })
			t.Logf("%d questions on each platform, %d without an answer when the network came back; all answered %s later", len(k.slack), open, time.Since(began).Round(time.Second))
		})
	}
}

// readiness is what /readyz says.
func readiness(t *testing.T, addr string) (status int, page string) {
	t.Helper()
	resp, err := http.Get("http://" + addr + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// TestReplicaCutOff cuts one of two replicas off from PostgreSQL, with
// Discord's gateway in its hands. The other takes gateway and work over; when
// the first is back it has nothing to say any more.
func TestReplicaCutOff(t *testing.T) {
	t.Parallel()
	pg := pgtest.Start(t, false)
	for name, how := range map[string]pgtest.Fault{"lost": pgtest.Losing, "stalled": pgtest.Stalling} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, c := newDesks(t), pgtest.NewCable(t, pg)
			db := pg.Database(t)
			f := newFleet(t, 1, k.env(c.Through(db))...)
			f.connect(k.s, 0)
			await(t, "the gateway", k.d.Connected)
			f.env, f.procs = k.env(db), append(f.procs, nil)
			f.connect(k.s, 1)
			k.ask()
			await(t, "the first answers", func() bool { a := k.answers(); return a[0]+a[1] == 2 })
			for range 4 {
				k.ask()
			}
			c.Cut(how)
			for range 5 {
				k.ask()
				time.Sleep(100 * time.Millisecond)
			}
			began := time.Now()
			k.settle()
			t.Logf("%d questions on each platform answered %s after the cut; %d sessions begun, %d resumed",
				len(k.slack), time.Since(began).Round(time.Second), k.d.Identifies(), k.d.Resumes())
			if k.d.Identifies() != 1 {
				t.Error("the session was not taken over")
			}
			c.Mend()
			for range 5 {
				k.ask()
				time.Sleep(time.Second) // the first replica comes back meanwhile
			}
			k.settle()
		})
	}
}
