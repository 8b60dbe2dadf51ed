package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// Incidents is the fuse: when several people of one channel report trouble with
// the same provider within a short time, the bot probes it once, posts one
// notice there, and spares those who come later the long answer. It keeps
// looking, and turns the notice into an all-clear at the end.
//
// What is open lies in the Memory, so that a restart and other processes go on
// with it; reports do, too, as pseudonyms, until they are too old to count. The
// zero value of a threshold is its default. Fields are set before the first use.
type Incidents struct {
	Memory  Memory
	People  int           // how many different people; 0 is 3
	Within  time.Duration // in what time; 0 is 15 minutes
	Recheck time.Duration // how often an open incident is probed; 0 is 5 minutes
	Quiet   time.Duration // after how long without reports it is over, where no probe has failed; 0 is 30 minutes
	Longest time.Duration // when the bot gives up looking; 0 is a day

	mu sync.Mutex // one change of the Memory at a time
}

// Memory keeps values by name until a time; a store does.
type Memory interface {
	// Keep puts a value under a name, in the place of an older one.
	Keep(ctx context.Context, name string, value []byte, now, until time.Time) error
	// Kept returns it, nil when there is none or its time is over.
	Kept(ctx context.Context, name string, now time.Time) ([]byte, error)
}

// Reviser replaces what a [Poster] has posted. A Poster that is none leaves
// its notices as they are.
type Reviser interface {
	// Revise shows ans in the place of the message that Post returned id for.
	Revise(ctx context.Context, at Place, id string, ans Answer) error
}

// incident is one that is open.
type incident struct {
	Place    Place     `json:"place"` // a channel, no thread
	Provider string    `json:"provider"`
	Lang     Lang      `json:"lang"`
	Since    time.Time `json:"since"` // the first report
	Reported time.Time `json:"reported"`
	People   int       `json:"people"`
	Post     string    `json:"post"`    // the notice
	Failing  bool      `json:"failing"` // a probe has found something
	Good     int       `json:"good"`    // probes in a row that have not
}

// report is that one person has trouble.
type report struct {
	Who string    `json:"who"` // a pseudonym
	At  time.Time `json:"at"`
}

const (
	keptIncidents = "incidents"
	maxIncidents  = 50 // open at once; more are no incidents but a flood
	goodEnough    = 2  // probes in a row without a failure that end an incident
)

func (f *Incidents) people() int            { return cmp.Or(f.People, 3) }
func (f *Incidents) within() time.Duration  { return cmp.Or(f.Within, 15*time.Minute) }
func (f *Incidents) recheck() time.Duration { return cmp.Or(f.Recheck, 5*time.Minute) }
func (f *Incidents) quiet() time.Duration   { return cmp.Or(f.Quiet, 30*time.Minute) }
func (f *Incidents) longest() time.Duration { return cmp.Or(f.Longest, 24*time.Hour) }

// trouble says that a message reports a failure, rather than asking how
// something is set up.
func trouble(in knowledge.Intent) bool {
	return in.Kind == "error" || in.Kind == "test" || in.Cause != ""
}

// tripped counts the message as a report, if it is one, and says that its
// answer is the notice of an incident: either this report raised it, or it was
// there already.
func (v *view) tripped(ctx context.Context, m Message, in knowledge.Intent) (*incident, bool) {
	f := v.bot.Incidents
	id := in.Provider
	if id == "" {
		id = v.conv.Provider
	}
	p := v.book.Provider(id)
	if f == nil || p == nil || m.alone() || m.Platform == platformConsole || m.Channel == "" || !trouble(in) {
		return nil, false
	}
	return v.bot.reported(ctx, m, p, v.lang)
}

// foundFailing counts a test that a person has run, and that has failed, as a
// report. The person has the result in hand and needs no notice.
func (v *view) foundFailing(ctx context.Context, q query, r *diagnose.Report) {
	if v.bot.Incidents != nil && q.Provider != nil && failing(r) && !v.from.alone() && v.from.Channel != "" && v.from.Platform != platformConsole {
		v.bot.reported(ctx, v.from, q.Provider, v.lang)
	}
}

// reported takes a report in. The incident is returned only when its probe has
// failed: where the servers answer, people still want an answer of their own.
func (b *Bot) reported(ctx context.Context, m Message, p *knowledge.Provider, lang Lang) (*incident, bool) {
	f := b.Incidents
	place := m.Place()
	place.Thread = ""
	inc, first, people, err := f.note(ctx, place, p.ID, b.who(m), b.Now())
	if err != nil {
		b.Log.Error("report not kept", "platform", m.Platform, "err", err)
		return nil, false
	}
	if inc == nil && people >= f.people() && b.Posters[place.Platform] != nil && b.mine(ctx, "raise/"+f.name(place, p.ID), f.within()) {
		inc = b.raise(context.WithoutCancel(ctx), incident{
			Place: place, Provider: p.ID, Lang: firstLang(lang, "en"), Since: first, Reported: b.Now(), People: people,
		})
	}
	return inc, inc != nil && inc.Failing
}

// who is the pseudonym that a report is kept under.
func (b *Bot) who(m Message) string {
	if s := b.Pseudonyms.User(m); s != "" {
		return s
	}
	return NewPseudonyms([]byte("of no installation")).User(m)
}

// name is the key of a provider's reports in a channel.
func (f *Incidents) name(at Place, provider string) string {
	return at.Platform + "/" + at.Tenant + "/" + at.Channel + "/" + provider
}

// note keeps a report. It returns the open incident, if there is one, else how
// many people have reported in time, and when the first did.
func (f *Incidents) note(ctx context.Context, at Place, provider, who string, now time.Time) (inc *incident, first time.Time, people int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	open, err := f.open(ctx, now)
	if err != nil {
		return nil, now, 0, err
	}
	if i := slices.IndexFunc(open, func(o incident) bool { return o.Place == at && o.Provider == provider }); i >= 0 {
		open[i].Reported = now
		return &open[i], open[i].Since, open[i].People, f.save(ctx, open, now)
	}
	name := "reports/" + f.name(at, provider)
	reports, err := load[[]report](ctx, f.Memory, name, now)
	if err != nil {
		return nil, now, 0, err
	}
	reports = slices.DeleteFunc(reports, func(r report) bool { return r.Who == who || now.Sub(r.At) > f.within() })
	reports = append(reports, report{who, now})
	return nil, reports[0].At, len(reports), keep(ctx, f.Memory, name, reports, now, now.Add(f.within()))
}

// Open is how many incidents are open.
func (f *Incidents) Open(ctx context.Context, now time.Time) (int, error) {
	open, err := f.open(ctx, now)
	return len(open), err
}

// open are the incidents that nobody has ended.
func (f *Incidents) open(ctx context.Context, now time.Time) ([]incident, error) {
	return load[[]incident](ctx, f.Memory, keptIncidents, now)
}

func (f *Incidents) save(ctx context.Context, open []incident, now time.Time) error {
	return keep(ctx, f.Memory, keptIncidents, open, now, now.Add(2*f.longest()))
}

// change replaces an incident by what edit makes of it, nil for nothing, and
// says whether it was still there.
func (f *Incidents) change(ctx context.Context, inc incident, now time.Time, edit func(incident) *incident) (found bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	open, err := f.open(ctx, now)
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(open, func(o incident) bool { return o.Place == inc.Place && o.Provider == inc.Provider })
	if i < 0 {
		return false, nil
	}
	if next := edit(open[i]); next != nil {
		open[i] = *next
	} else {
		open = slices.Delete(open, i, i+1)
	}
	return true, f.save(ctx, open, now)
}

// mine says that this process is the one that does something in the current
// span of time.
func (b *Bot) mine(ctx context.Context, what string, span time.Duration) bool {
	slot := b.Now().UnixNano() / int64(span)
	ok, err := b.Store.Claim(ctx, "incident", "", what+"/"+strconv.FormatInt(slot, 10), b.Now())
	if err != nil {
		b.Log.Error("turn not claimed", "err", err)
	}
	return ok && err == nil
}

// raise probes and posts the notice; nil when it was not posted.
func (b *Bot) raise(ctx context.Context, inc incident) *incident {
	f := b.Incidents
	rep := b.examine(ctx, inc.Provider)
	inc.Failing = failing(rep)
	if since := b.Watchlist.failingSince(inc.Provider); inc.Failing && !since.IsZero() && since.Before(inc.Since) {
		inc.Since = since
	}
	key := fmt.Sprintf("incident/%.40s/%d", inc.Provider, inc.Since.Unix())
	id, err := b.Posters[inc.Place.Platform].Post(ctx, Announcement{To: inc.Place, Answer: b.notice(inc, rep), Key: key})
	if err != nil {
		b.Log.Warn("incident not announced", "platform", inc.Place.Platform, "provider", inc.Provider, "err", err)
		return nil
	}
	inc.Post = id
	f.mu.Lock()
	defer f.mu.Unlock()
	open, err := f.open(ctx, b.Now())
	if err == nil && len(open) < maxIncidents {
		err = f.save(ctx, append(open, inc), b.Now())
	}
	if err != nil {
		b.Log.Error("incident not kept", "platform", inc.Place.Platform, "provider", inc.Provider, "err", err)
	}
	b.Log.Info("incident raised", "platform", inc.Place.Platform, "provider", inc.Provider, "failing", inc.Failing)
	return &inc
}

func failing(r *diagnose.Report) bool { return r != nil && r.Verdict == diagnose.VerdictFail }

// examine probes a provider for nobody in particular; nil when the limits, or
// the end of the program, stand against it.
func (b *Bot) examine(ctx context.Context, provider string) *diagnose.Report {
	p := b.Book().Provider(provider)
	if p == nil {
		return nil
	}
	t := ProviderTarget(p)
	if len(t.Endpoints) == 0 {
		return nil
	}
	run, _, lim := b.watch(ctx, Message{Platform: "incident"}, t)
	if lim != nil {
		return nil
	}
	defer b.limits.leave(run)
	for range b.limits.watching(ctx, run) { // nobody looks on
	}
	r, _ := b.limits.outcome(run)
	if r != nil {
		b.Record(ctx, r)
	}
	return r
}

func load[T any](ctx context.Context, m Memory, name string, now time.Time) (v T, err error) {
	b, err := m.Kept(ctx, name, now)
	if err != nil || b == nil {
		return v, err
	}
	return v, json.Unmarshal(b, &v)
}

func keep(ctx context.Context, m Memory, name string, v any, now, until time.Time) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return m.Keep(ctx, name, b, now, until)
}
