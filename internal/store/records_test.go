package store_test

import (
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

var (
	room   = bot.Place{Platform: "slack", Tenant: "T1", Channel: "C1"}
	thread = bot.Place{Platform: "slack", Tenant: "T1", Channel: "C1", Thread: "1.1"}
	noon   = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
)

// must returns v and fails the test on an error.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func settingsAreOneOwnersOwn(t *testing.T, address string) {
	s := open(t, address)
	ctx := t.Context()
	owner := bot.SettingOwner{Platform: "slack", Tenant: "T1", Scope: bot.ScopeChannel, ID: "C1"}
	for _, v := range []string{"on", "shadow"} {
		if err := s.SaveSetting(ctx, owner, "auto", v, "U1", noon); err != nil {
			t.Fatal(err)
		}
	}
	if got := must[map[string]string](t)(s.Settings(ctx, owner)); len(got) != 1 || got["auto"] != "shadow" {
		t.Errorf("settings %v", got)
	}
	other := owner
	other.Tenant = "T2"
	if got := must[map[string]string](t)(s.Settings(ctx, other)); len(got) != 0 {
		t.Errorf("another tenant has %v", got)
	}
	if got := must[map[bot.SettingOwner]string](t)(s.SettingOwners(ctx, "slack", "", bot.ScopeChannel, "auto")); len(got) != 1 || got[owner] != "shadow" {
		t.Errorf("owners %v", got)
	}
	if got := must[map[bot.SettingOwner]string](t)(s.SettingOwners(ctx, "slack", "T2", bot.ScopeChannel, "auto")); len(got) != 0 {
		t.Errorf("owners in T2: %v", got)
	}
	if err := s.SaveSetting(ctx, owner, "auto", "", "U1", noon); err != nil {
		t.Fatal(err)
	}
	if got := must[map[string]string](t)(s.Settings(ctx, owner)); len(got) != 0 {
		t.Errorf("removed, yet %v", got)
	}
}

func questionIsSettledOnce(t *testing.T, address string) {
	s := open(t, address)
	ctx := t.Context()
	q := bot.Question{Place: thread, Message: "m1", User: "anna", Topic: "which-port", State: bot.QuestionWaiting, Ticket: "m1", At: noon}
	save := func() {
		t.Helper()
		if err := s.SaveQuestion(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	settle := func(ticket string, st bot.QuestionState) bool {
		t.Helper()
		return must[bool](t)(s.Settle(ctx, thread, "m1", ticket, st))
	}
	save()
	q.Ticket = "m2" // edited
	save()
	if settle("m1", bot.QuestionAnswered) {
		t.Error("the version before the edit was still answered")
	}
	if !settle("m2", bot.QuestionAnswered) || settle("m2", bot.QuestionAnswered) || settle("", bot.QuestionWithdrawn) {
		t.Error("it is settled once")
	}
	all, same, err := s.Replied(ctx, room, "anna", "which-port", noon)
	if err != nil || all != 1 || same != 1 {
		t.Errorf("replied %d, %d, %v", all, same, err)
	}
	if all, same, _ := s.Replied(ctx, room, "ben", "which-port", noon.Add(time.Second)); all != 0 || same != 0 {
		t.Errorf("replied %d, %d", all, same)
	}
	q.Message = "m3"
	save()
	if err := s.Interrupt(ctx, thread, "anna", bot.QuestionHuman); err != nil {
		t.Fatal(err)
	}
	if got, _, _ := s.Question(ctx, room, "m3"); got.State != bot.QuestionWaiting {
		t.Errorf("the asker herself interrupted: %+v", got)
	}
	if err := s.Interrupt(ctx, thread, "ben", bot.QuestionHuman); err != nil {
		t.Fatal(err)
	}
	if got, ok, _ := s.Question(ctx, room, "m3"); !ok || got.State != bot.QuestionHuman || got.Thread != "1.1" || !got.At.Equal(noon) {
		t.Errorf("question %+v", got)
	}
	if _, ok, err := s.Question(ctx, room, "m9"); ok || err != nil {
		t.Error("a question that nobody asked")
	}
}

func quietBeginsOnce(t *testing.T, address string) {
	s := open(t, address)
	ctx := t.Context()
	begin := func(reason string, at time.Time) bool {
		t.Helper()
		return must[bool](t)(s.BeginQuiet(ctx, thread, reason, at, at.Add(-time.Hour)))
	}
	if !begin("human", noon) || begin("human", noon.Add(2*time.Hour)) {
		t.Error("silence begins once while it lasts")
	}
	if err := s.EndQuiet(ctx, thread); err != nil {
		t.Fatal(err)
	}
	if must[bool](t)(s.Quiet(ctx, thread)) {
		t.Error("still silent")
	}
	if begin("human", noon.Add(30*time.Minute)) {
		t.Error("it begins again within the hour")
	}
	if !begin("stop", noon.Add(30*time.Minute)) || !must[bool](t)(s.Quiet(ctx, thread)) {
		t.Error("another reason counts by itself")
	}
	if !begin("human", noon.Add(2*time.Hour)) {
		t.Error("it does not begin again after the hour")
	}
	if must[bool](t)(s.Quiet(ctx, room)) {
		t.Error("another place is silent too")
	}
}

func digestCounts(t *testing.T, address string) {
	s := open(t, address)
	ctx := t.Context()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, at := range []time.Time{noon, noon, noon.AddDate(0, 0, 7)} {
		name := string(rune('a' + i))
		ok(s.SaveQuestion(ctx, bot.Question{Place: thread, Message: name, State: bot.QuestionAnswered, At: at}))
		ok(s.SaveReply(ctx, bot.Reply{Place: thread, Name: name, Asker: "anna", Unasked: true, At: at}))
		ok(s.Count(ctx, room, bot.CountSilent, "", at))
		ok(s.Count(ctx, room, bot.CountUnanswered, "dkim", at))
	}
	ok(s.Count(ctx, room, bot.CountUnanswered, "spf", noon))
	for _, v := range []bot.FeedbackVerdict{bot.FeedbackHelped, bot.FeedbackNotHelped} { // changed
		ok(s.SaveFeedback(ctx, bot.Feedback{Platform: "slack", Tenant: "T1", Reply: "a", User: "anna", Verdict: v, At: noon}))
	}
	ok(s.SaveFeedback(ctx, bot.Feedback{Platform: "slack", Tenant: "T1", Reply: "a", User: "ben", Verdict: bot.FeedbackNotHelped, At: noon}))
	ok(s.SaveFeedback(ctx, bot.Feedback{Platform: "slack", Tenant: "T1", Reply: "b", User: "ben", Verdict: bot.FeedbackHelped, At: noon}))
	monday := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	d := must[bot.Digest](t)(s.Digest(ctx, room, monday, monday.AddDate(0, 0, 7)))
	if d.Answered != 2 || d.Silent != 2 || d.Helped != 1 || d.Corrected != 1 || len(d.Top) != 2 || d.Top[0] != (bot.TopicCount{Topic: "dkim", N: 2}) {
		t.Errorf("digest %+v", d)
	}
	r, found, err := s.Reply(ctx, "slack", "T1", "a")
	if err != nil || !found || r.Asker != "anna" || !r.Unasked || r.Place != thread {
		t.Errorf("reply %+v", r)
	}
	if _, found, _ := s.Reply(ctx, "slack", "T2", "a"); found {
		t.Error("another tenant's answer")
	}
}

func runsAndTaughtArticles(t *testing.T, address string) {
	s := open(t, address)
	ctx := t.Context()
	for _, c := range []string{"cert-expired", ""} {
		if err := s.SaveRun(ctx, thread, bot.TestRun{Target: "smtp gmx", Verdict: "fail", Cause: c, At: noon}); err != nil {
			t.Fatal(err)
		}
	}
	r, ok, err := s.Run(ctx, thread, "smtp gmx")
	if err != nil || !ok || r.Cause != "" || r.Verdict != "fail" || !r.At.Equal(noon) {
		t.Errorf("run %+v, %v", r, err)
	}
	if rs := must[[]bot.TestRun](t)(s.Runs(ctx, thread)); len(rs) != 1 {
		t.Errorf("runs %+v", rs)
	}
	a := &knowledge.Article{Topic: "taught-x", Lang: "de", Title: "X", Body: "x"}
	doc := knowledge.NewDocument(knowledge.KindArticle, "taught-x.de", knowledge.OriginTaught, "tom", a)
	if err := s.Teach(ctx, []knowledge.Document{doc}); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveKnowledge(ctx, "hash", nil); err != nil { // a new version of the program
		t.Fatal(err)
	}
	if ds := must[[]knowledge.Document](t)(s.Taught(ctx)); len(ds) != 1 || ds[0].Author != "tom" {
		t.Errorf("taught %+v", ds)
	}
	if n := must[int](t)(s.Unteach(ctx, "taught-x")); n != 1 {
		t.Errorf("%d removed", n)
	}
	if n := must[int](t)(s.Unteach(ctx, "taught-x")); n != 0 {
		t.Errorf("%d removed twice", n)
	}
}
