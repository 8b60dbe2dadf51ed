package bot

import "maps"

// allTexts joins the tables of texts. No key is in two of them; a test holds that.
func allTexts() map[string]text {
	all := maps.Clone(coreTexts)
	maps.Copy(all, deskTexts)
	maps.Copy(all, loginTexts)
	maps.Copy(all, incidentTexts)
	maps.Copy(all, factTexts)
	return all
}

// deskTexts are the sentences around answers: feedback, hand-over, what is
// said unasked, administration, taught answers.
var deskTexts = map[string]text{
	"forget.how": {
		de: "Schreib „/mailhelp forget me“, dann lösche ich alles, was ich über dich aufgehoben habe. Was das ist, zeigt „/mailhelp export“.",
		en: "Type “/mailhelp forget me” and I delete all that I keep about you. “/mailhelp export” shows what that is.",
	},
	"forget.done": {
		de: "Erledigt: {n} Einträge gelöscht oder von deinem Namen befreit. Nachrichten in diesem Chat kann ich nicht löschen, das geht nur hier selbst.",
		en: "Done: {n} entries deleted or freed of your name. I cannot delete messages in this chat; that is done here.",
	},
	"forget.failed": {
		de: "Das hat gerade nicht geklappt. Versuch es später noch einmal; bleibt es so, wende dich an die Leute, die den Bot betreiben.",
		en: "That did not work just now. Try again later; if it stays, ask the people who run the bot.",
	},
	"export.none":         {de: "Über dich ist nichts gespeichert.", en: "Nothing is stored about you."},
	"export.title":        {de: "Das ist über dich gespeichert", en: "This is stored about you"},
	"export.forget":       {de: "Alles löschen: ", en: "Delete all of it: "},
	"export.setting":      {de: "Deine Einstellung", en: "Your setting"},
	"export.made":         {de: "Von dir eingestellt", en: "Set by you"},
	"export.question":     {de: "Frage (ohne Text)", en: "Question (without its text)"},
	"export.reply":        {de: "Antwort an dich", en: "Answer to you"},
	"export.feedback":     {de: "Deine Bewertung", en: "Your feedback"},
	"export.conversation": {de: "Worum es im Direktchat ging", en: "What the direct chat was about"},
	"export.test":         {de: "Test im Direktchat", en: "Test in the direct chat"},
	"export.link":         {de: "Link zu einem Anmeldetest", en: "Link to a login test"},
	"export.taught":       {de: "Von dir gespeicherte Antwort", en: "Answer saved by you"},

	"help.desk": {
		de: "Was ich in Kanälen tue, deine Sprache und was ich von dir weiß, regelst du mit: ",
		en: "What I do in channels, your language and what I know about you is set with: ",
	},

	"button.helped":    {de: "Hat geholfen", en: "This helped"},
	"button.nothelped": {de: "Hat nicht geholfen", en: "Did not help"},
	"button.human":     {de: "Mit einem Menschen sprechen", en: "Talk to a human"},
	"button.dismiss":   {de: "Ausblenden", en: "Dismiss"},
	"button.other":     {de: "Auch {protocol} testen", en: "Test {protocol} too"},
	"button.guide":     {de: "Anleitung für {name}", en: "Guide for {name}"},
	"button.guide.any": {de: "Anleitung für mein Programm", en: "Guide for my program"},

	"action.unknown": {
		de: "Diese Schaltfläche gehört zu nichts, was ich noch kenne. Stell die Frage am besten noch einmal.",
		en: "This button belongs to nothing that I still know. Please ask again.",
	},

	"guide.which": {de: "Mit welchem Programm liest du deine Mails?", en: "Which program do you read your mail with?"},
	"phone.which": {de: "Welches Handy ist es, und mit welcher App liest du dort deine Mails?", en: "Which phone is it, and with which app do you read your mail there?"},
	"guide.none":  {de: "Für {name} habe ich noch keine Anleitung.", en: "I have no guide for {name} yet."},

	"feedback.helped":    {de: "Danke, das freut mich.", en: "Thank you, good to hear."},
	"feedback.nothelped": {de: "Danke für den Hinweis.", en: "Thank you for telling me."},
	"feedback.next": {
		de: "Schreib hier die genaue Fehlermeldung oder den Namen deines Mailprogramms, dann versuche ich es noch einmal.",
		en: "Write the exact error message or the name of your mail program here and I will try again.",
	},

	"reason.title":   {de: "Was war das Problem?", en: "What was the problem?"},
	"reason.label":   {de: "Grund", en: "Reason"},
	"reason.send":    {de: "Senden", en: "Send"},
	"reason.wrong":   {de: "Die Angaben stimmen nicht", en: "The facts are wrong"},
	"reason.tried":   {de: "Stimmt, hilft aber nicht", en: "True, but it did not help"},
	"reason.program": {de: "Mein Programm sieht anders aus", en: "My program looks different"},
	"reason.unclear": {de: "Ich verstehe die Antwort nicht", en: "I do not understand the answer"},
	"reason.other":   {de: "Etwas anderes", en: "Something else"},

	"human.title":    {de: "Hier wird ein Mensch gebraucht", en: "A human is needed here"},
	"human.provider": {de: "Anbieter:", en: "Provider:"},
	"human.client":   {de: "Programm:", en: "Program:"},
	"human.topic":    {de: "Thema:", en: "Topic:"},
	"human.test":     {de: "Getestet:", en: "Tested:"},
	"human.notests":  {de: "noch nichts", en: "nothing yet"},
	"human.quiet": {
		de: "Ich halte mich in diesem Thread jetzt zurück. Wer mich braucht, erwähnt mich.",
		en: "I keep out of this thread now. Mention me if you need me.",
	},
	"human.done":  {de: "Ich habe das Team in diesen Thread gerufen.", en: "I have called the team into this thread."},
	"human.again": {de: "Das Team weiß schon Bescheid.", en: "The team has been told already."},
	"human.alone": {
		de: "Hier liest außer uns niemand mit. Stell die Frage in einem Kanal, in dem das Team mitliest.",
		en: "Nobody but us reads this. Ask in a channel that the team reads.",
	},
	"human.nogroup": {
		de: "Für diesen Ort ist noch kein Team eingetragen. Ein Admin kann das tun: /mailhelp group @team",
		en: "No team is set up here yet. An admin can do that: /mailhelp group @team",
	},
	"human.failed": {de: "Das hat nicht geklappt. Bitte erwähne das Team selbst.", en: "That did not work. Please mention the team yourself."},

	"quiet.stop": {
		de: "In Ordnung, ich bin in diesem Thread still. Wenn du mich wieder brauchst, erwähne mich.",
		en: "All right, I keep silent in this thread. Mention me when you need me again.",
	},

	"shadow.title": {de: "Das hätte ich geantwortet", en: "This is what I would have answered"},
	"shadow.asked": {de: "Gefragt war: ", en: "The question was: "},
	"shadow.hello": {
		de: "Hier zeige ich ab jetzt, was ich in einem anderen Kanal ungefragt geantwortet hätte. Dort bleibe ich still.",
		en: "From now on I show here what I would have answered unasked in another channel. There I stay silent.",
	},

	"refuse.agent": {
		de: "Das dürfen nur Admins und das eingetragene Team (siehe /mailhelp group).",
		en: "Only admins and the team that is set up may do that (see /mailhelp group).",
	},
	"refuse.admin": {de: "Das dürfen nur Admins.", en: "Only admins may do that."},
	"refuse.dismiss": {
		de: "Ausblenden darf die Antwort nur, wer gefragt hat, das eingetragene Team oder ein Admin.",
		en: "Only the person who asked, the team that is set up or an admin may dismiss this answer.",
	},
	"refuse.unknown": {
		de: "Ich kann gerade nicht herausfinden, ob du das darfst. Versuch es in einer Minute noch einmal.",
		en: "I cannot find out right now whether you may do that. Try again in a minute.",
	},
	"set.failed": {de: "Das konnte ich nicht speichern. Versuch es noch einmal.", en: "I could not save that. Please try again."},

	"lang.de":   {de: "Deutsch", en: "German"},
	"lang.en":   {de: "Englisch", en: "English"},
	"lang.show": {de: "Befehle beantworte ich dir auf {name}. Auf Fragen antworte ich in ihrer Sprache.", en: "I answer your commands in {name}, and questions in the language they are asked in."},
	"lang.set":  {de: "Gut, deine Befehle beantworte ich auf Deutsch.", en: "Fine, I answer your commands in English."},
	"lang.auto": {de: "Gut, ich richte mich nach der Sprache, die du hier eingestellt hast.", en: "Fine, I go by the language that you have set here."},

	"auto.is.off":    {de: "In diesem Kanal antworte ich nur, wenn man mich fragt.", en: "In this channel I answer only when asked."},
	"auto.is.on":     {de: "In diesem Kanal antworte ich auch ungefragt, wenn ich mir sicher bin und niemand schneller ist.", en: "In this channel I also answer unasked, when I am sure and nobody is quicker."},
	"auto.is.shadow": {de: "In diesem Kanal bin ich still und zeige dem Team, was ich geantwortet hätte.", en: "In this channel I am silent and show the team what I would have answered."},
	"auto.on": {
		de: "Eingeschaltet. Ich antworte dort ungefragt, wenn ich mir sicher bin und niemand schneller ist. Ein „stopp“ im Thread genügt, und ich bin still.",
		en: "Switched on. I answer there unasked when I am sure and nobody is quicker. A “stop” in the thread is enough to silence me.",
	},
	"auto.off":    {de: "Ausgeschaltet. Dort antworte ich nur noch, wenn man mich fragt.", en: "Switched off. There I answer only when asked."},
	"auto.shadow": {de: "Ich bleibe dort still und zeige dem Team, was ich geantwortet hätte.", en: "I stay silent there and show the team what I would have answered."},
	"auto.review": {
		de: "Nenne den Kanal, in dem das Team mitliest: /mailhelp auto shadow #team. Er muss ein anderer sein als der, um den es geht.",
		en: "Name the channel that the team reads: /mailhelp auto shadow #team. It has to be another one than the one it is about.",
	},
	"auto.where": {de: "Sag das in dem Kanal, um den es geht, oder nenne ihn: /mailhelp auto on #kanal", en: "Say that in the channel it is about, or name it: /mailhelp auto on #channel"},

	"group.none": {
		de: "Noch ist kein Team eingetragen, das ich rufen kann. Ein Admin trägt es ein mit: /mailhelp group @team",
		en: "No team is set up yet that I can call. An admin does it with: /mailhelp group @team",
	},
	"group.some": {de: "Ein Team ist eingetragen: Ich rufe es, wenn jemand mit einem Menschen sprechen will.", en: "A team is set up: I call it when somebody wants to talk to a human."},
	"group.set":  {de: "Gemerkt. Dieses Team rufe ich, und es darf mich verwalten.", en: "Noted. I call this team, and it may administer me."},
	"group.off":  {de: "Gut, ich rufe niemanden mehr.", en: "Fine, I call nobody any more."},

	"limits.title":    {de: "Grenzen", en: "Limits"},
	"limits.user":     {de: "Live-Tests je Person: {minute} in der Minute, {hour} in der Stunde", en: "Live tests per person: {minute} a minute, {hour} an hour"},
	"limits.channel":  {de: "Live-Tests je Kanal: {minute} in der Minute", en: "Live tests per channel: {minute} a minute"},
	"limits.host":     {de: "Live-Tests je Server: {minute} in der Minute, je Netz: {network}", en: "Live tests per server: {minute} a minute, per network: {network}"},
	"limits.delay":    {de: "Bevor ich ungefragt antworte, warte ich {seconds} Sekunden auf einen Menschen", en: "Before I answer unasked I wait {seconds} seconds for a person"},
	"limits.cooldown": {de: "Derselben Person antworte ich zum selben Thema ungefragt erst nach {minutes} Minuten wieder", en: "I answer the same person on the same topic unasked again only after {minutes} minutes"},
	"limits.answers":  {de: "Ungefragte Antworten je Kanal: höchstens {n} in {minutes} Minuten", en: "Unasked answers per channel: at most {n} in {minutes} minutes"},
	"limits.how":      {de: "Ändern (Sekunden, Minuten): ", en: "Change (seconds, minutes): "},
	"limits.set":      {de: "Gemerkt.", en: "Noted."},
	"limits.bad":      {de: "Das muss eine Zahl von 0 bis {most} sein.", en: "That has to be a number from 0 to {most}."},

	"status.title":    {de: "So steht es", en: "How things stand"},
	"status.channels": {de: "Kanäle, in denen ich ungefragt zuhöre: {n}", en: "Channels that I listen to unasked: {n}"},
	"status.knows":    {de: "Ich kenne {providers} Anbieter und {taught} Antworten, die mir hier beigebracht wurden.", en: "I know {providers} providers and {taught} answers that I was taught here."},

	"digest.title": {de: "Meine Woche in diesem Kanal", en: "My week in this channel"},
	"digest.line": {
		de: "Ungefragt geantwortet: {answered}. Still geblieben: {silent}. Berichtigt: {corrected}.",
		en: "Answered unasked: {answered}. Stayed silent: {silent}. Corrected: {corrected}.",
	},
	"digest.rated": {de: "Geholfen: {helped}. An Menschen übergeben: {human}.", en: "Helped: {helped}. Handed over to people: {human}."},
	"digest.top":   {de: "Worauf ich keine gute Antwort hatte", en: "What I had no good answer to"},
	"digest.other": {de: "Anderes, was ich nicht einordnen konnte", en: "Other things that I could not place"},
	"digest.on":    {de: "Gut, montags gibt es hier wieder einen Bericht.", en: "Fine, there is a report again on Mondays."},
	"digest.off":   {de: "Gut, hier gibt es keinen Wochenbericht mehr.", en: "Fine, no weekly report here any more."},

	"teach.title":          {de: "Als Antwort speichern", en: "Save as answer"},
	"teach.save":           {de: "Speichern", en: "Save"},
	"teach.name":           {de: "Titel", en: "Title"},
	"teach.de":             {de: "Antwort auf Deutsch", en: "Answer in German"},
	"teach.en":             {de: "Antwort auf Englisch", en: "Answer in English"},
	"teach.questions":      {de: "Beispielfragen, eine je Zeile", en: "Example questions, one a line"},
	"teach.questions.hint": {de: "Wie komme ich ins Funktionspostfach?", en: "How do I open the shared mailbox?"},
	"teach.source":         {de: "Antwort eures Teams", en: "Your team's answer"},
	"teach.saved":          {de: "Gespeichert: „{title}“. Ab jetzt antworte ich damit.", en: "Saved: “{title}”. From now on I answer with it."},
	"teach.saved.next":     {de: "Wieder entfernen: ", en: "Remove it again: "},
	"teach.noform":         {de: "Das Formular ließ sich nicht öffnen. Versuch es noch einmal.", en: "The form could not be opened. Please try again."},
	"teach.missing": {
		de: "Es fehlt etwas: ein Titel, ein Text in mindestens einer Sprache und mindestens eine Beispielfrage.",
		en: "Something is missing: a title, a text in at least one language and at least one example question.",
	},
	"teach.secret": {de: "Darin steht etwas, das wie ein Passwort aussieht. Nimm es heraus, ich habe nichts gespeichert.", en: "There is something in it that looks like a password. Take it out, I have saved nothing."},
	"teach.failed": {de: "Das ließ sich nicht speichern. Versuch es noch einmal.", en: "That could not be saved. Please try again."},
	"teach.full": {
		de: "Hier kann mir gerade niemand etwas beibringen: Es tun schon zu viele, oder dieser Ort gehört zu keinem Arbeitsbereich.",
		en: "Nobody can teach me here at the moment: too many do already, or this place belongs to no workspace.",
	},
	"teach.none":    {de: "Hier hat mir noch niemand etwas beigebracht.", en: "Nobody has taught me anything here yet."},
	"teach.list":    {de: "Was mir hier beigebracht wurde", en: "What I was taught here"},
	"teach.unknown": {de: "Eine Antwort {topic} gibt es nicht.", en: "There is no answer {topic}."},
	"teach.removed": {de: "{topic} ist entfernt.", en: "{topic} is removed."},

	"test.before":      {de: "Vorher (vor {age}): {cause}", en: "Before ({age} ago): {cause}"},
	"test.before.same": {de: "Unverändert seit dem Test vor {age}.", en: "Unchanged since the test {age} ago."},
	"test.before.ok":   {de: "alles in Ordnung", en: "all well"},
}
