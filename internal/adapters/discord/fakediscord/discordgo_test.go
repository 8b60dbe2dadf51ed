package fakediscord

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"
)

// redirect sends discordgo's calls to the fake.
type redirect struct{ to *url.URL }

func (r redirect) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host, req.Host = r.to.Scheme, r.to.Host, r.to.Host
	return http.DefaultTransport.RoundTrip(req)
}

// connect opens a session of the real library.
func connect(w *world) *discordgo.Session {
	w.t.Helper()
	s, err := discordgo.New("Bot " + w.Token)
	if err != nil {
		w.t.Fatal(err)
	}
	u, err := url.Parse(w.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	s.Client = &http.Client{Transport: redirect{u}}
	s.Identify.Intents = discordgo.IntentGuilds | discordgo.IntentGuildMessages | discordgo.IntentDirectMessages
	if err := s.Open(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { s.Close() })
	return s
}

// A bot written with discordgo alone: commands, autocomplete, deferred
// responses, follow-ups, buttons, modals, threads, mentions.
func TestDiscordgo(t *testing.T) {
	w := newWorld(t, Options{})
	s := connect(w)
	fail := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	s.AddHandler(func(s *discordgo.Session, e *discordgo.InteractionCreate) {
		i := e.Interaction
		switch i.Type {
		case discordgo.InteractionApplicationCommandAutocomplete:
			fail(s.InteractionRespond(i, &discordgo.InteractionResponse{Type: discordgo.InteractionApplicationCommandAutocompleteResult, Data: &discordgo.InteractionResponseData{
				Choices: []*discordgo.ApplicationCommandOptionChoice{{Name: "GMX", Value: "gmx"}},
			}}))
		case discordgo.InteractionApplicationCommand:
			fail(s.InteractionRespond(i, &discordgo.InteractionResponse{Type: discordgo.InteractionResponseDeferredChannelMessageWithSource}))
			text := "für " + i.ApplicationCommandData().Options[0].StringValue()
			_, err := s.InteractionResponseEdit(i, &discordgo.WebhookEdit{Content: &text, Components: &[]discordgo.MessageComponent{
				discordgo.ActionsRow{Components: []discordgo.MessageComponent{discordgo.Button{Label: "Nochmal", CustomID: "again"}}},
			}})
			fail(err)
			_, err = s.FollowupMessageCreate(i, true, &discordgo.WebhookParams{Content: "nur für dich", Flags: discordgo.MessageFlagsEphemeral})
			fail(err)
		case discordgo.InteractionMessageComponent:
			fail(s.InteractionRespond(i, &discordgo.InteractionResponse{Type: discordgo.InteractionResponseModal, Data: &discordgo.InteractionResponseData{
				CustomID: "why", Title: "Warum?", Components: []discordgo.MessageComponent{
					discordgo.ActionsRow{Components: []discordgo.MessageComponent{discordgo.TextInput{CustomID: "text", Label: "Grund", Style: discordgo.TextInputShort}}},
				},
			}}))
		case discordgo.InteractionModalSubmit:
			row := i.ModalSubmitData().Components[0].(*discordgo.ActionsRow)
			fail(s.InteractionRespond(i, &discordgo.InteractionResponse{Type: discordgo.InteractionResponseUpdateMessage, Data: &discordgo.InteractionResponseData{
				Content: "weil " + row.Components[0].(*discordgo.TextInput).Value,
			}}))
		}
	})
	s.AddHandler(func(s *discordgo.Session, m *discordgo.MessageCreate) {
		if m.Author.Bot {
			return
		}
		th, err := s.MessageThreadStart(m.ChannelID, m.ID, "Frage", 60)
		fail(err)
		_, err = s.ChannelMessageSend(th.ID, "gehört: "+m.ContentWithMentionsReplaced())
		fail(err)
	})
	_, err := s.ApplicationCommandBulkOverwrite(w.AppID, "", []*discordgo.ApplicationCommand{{
		Name: "settings", Description: "d", NameLocalizations: &map[discordgo.Locale]string{discordgo.German: "einstellungen"},
		Options: []*discordgo.ApplicationCommandOption{{Type: discordgo.ApplicationCommandOptionString, Name: "provider", Description: "d", Required: true, Autocomplete: true}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	await := func(what string, cond func() bool) {
		t.Helper()
		if err := w.Await(w.ctx, cond); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	auto := w.Autocomplete(w.anna, w.channel, "settings", "provider", "g")
	await("choices", auto.Answered)
	call := w.Slash(w.anna, w.channel, "settings", Opt("provider", auto.Choices()[0].Value.(string)))
	await("follow-up", func() bool { return len(call.Messages()) == 2 })
	answer, private := call.Messages()[0], call.Messages()[1]
	if answer.Content != "für gmx" || private.ForUser != w.anna.ID || call.ResponseType() != 5 {
		t.Errorf("%+v %+v", answer, private)
	}
	press := w.Press(w.anna, answer.ID, "again")
	await("modal", press.Answered)
	sent := w.Submit(press, "darum")
	await("update", sent.Answered)
	if got, _ := w.Message(answer.ID); got.Content != "weil darum" || got.History[len(got.History)-1] != "für gmx" {
		t.Errorf("%+v", got)
	}
	id := w.Say(w.anna, w.channel, w.Mention()+" hallo")
	await("answer in a thread", func() bool { return len(w.FromBot(id)) == 1 })
	if got := w.FromBot(id)[0].Content; got != "gehört: @mailhelp hallo" {
		t.Error(got)
	}
}

// The first response has three seconds, the token fifteen minutes.
func TestInteractionClocks(t *testing.T) {
	w := newWorld(t, Options{})
	s := connect(w)
	calls := make(chan *discordgo.Interaction, 8)
	s.AddHandler(func(_ *discordgo.Session, e *discordgo.InteractionCreate) { calls <- e.Interaction })
	if _, err := s.ApplicationCommandBulkOverwrite(w.AppID, "", []*discordgo.ApplicationCommand{{Name: "test", Description: "d"}}); err != nil {
		t.Fatal(err)
	}
	code := func(err error) int {
		if rest, ok := err.(*discordgo.RESTError); ok && rest.Message != nil {
			return rest.Message.Code
		}
		return 0
	}
	later := &discordgo.InteractionResponse{Type: discordgo.InteractionResponseDeferredChannelMessageWithSource}
	text := "x"

	late := w.Slash(w.anna, w.channel, "test")
	i := <-calls
	w.clock.Advance(4 * time.Second)
	if got := code(s.InteractionRespond(i, later)); got != 10062 || !late.Failed() {
		t.Errorf("after 4 s: %d, failed %v", got, late.Failed())
	}
	w.Slash(w.anna, w.channel, "test")
	i = <-calls
	if _, err := s.InteractionResponseEdit(i, &discordgo.WebhookEdit{Content: &text}); code(err) != 10015 {
		t.Errorf("an edit before the response: %v", err)
	}
	if err := s.InteractionRespond(i, later); err != nil {
		t.Error(err)
	}
	if got := code(s.InteractionRespond(i, later)); got != 40060 {
		t.Errorf("twice: %d", got)
	}
	w.clock.Advance(14 * time.Minute)
	if _, err := s.InteractionResponseEdit(i, &discordgo.WebhookEdit{Content: &text}); err != nil {
		t.Error(err)
	}
	w.clock.Advance(2 * time.Minute)
	if _, err := s.InteractionResponseEdit(i, &discordgo.WebhookEdit{Content: &text}); code(err) != 50027 {
		t.Errorf("after 16 minutes: %v", err)
	}
	wrong := &discordgo.InteractionResponse{Type: discordgo.InteractionResponseUpdateMessage, Data: &discordgo.InteractionResponseData{Content: "x"}}
	w.Slash(w.anna, w.channel, "test")
	if got := code(s.InteractionRespond(<-calls, wrong)); got != 50035 {
		t.Errorf("an update without a message: %d", got)
	}
}
