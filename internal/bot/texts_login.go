package bot

// loginTexts are the sentences about login tests: in the chat, and on the
// one-time page ("page.").
var loginTexts = map[string]text{
	"button.erase": {de: "Nachricht löschen", en: "Delete the message"},
	"secret.erased": {
		de: "Die Nachricht ist gelöscht. Wer sie schon gelesen hat, kennt das Passwort: Ändere es.",
		en: "The message is deleted. Who has read it knows the password: change it.",
	},
	"secret.noterased": {
		de: "Löschen darf ich die Nachricht hier nicht. Bitte lösche sie selbst und ändere das Passwort.",
		en: "I am not permitted to delete the message here. Please delete it yourself and change the password.",
	},
	"button.login": {de: "Anmeldung testen", en: "Test the login"},

	"login.title": {de: "Anmeldung testen: {name}", en: "Test the login: {name}"},
	"login.question": {
		de: "Ohne Passwort kann ich nicht sagen, ",
		en: "Without a password I cannot tell ",
	},
	"login.question.password": {de: "ob Benutzername und Passwort stimmen", en: "whether user name and password are right"},
	"login.question.enable":   {de: "ob POP3 und IMAP in deinem Postfach freigeschaltet sind", en: "whether POP3 and IMAP are switched on for your mailbox"},
	"login.question.app":      {de: "ob ein App-Passwort verlangt wird", en: "whether an app password is demanded"},
	"login.question.separate": {de: "ob du das E-Mail-Passwort statt des Kundenlogins eingetragen hast", en: "whether you have entered the mail password and not the customer login"},
	"login.question.oauth":    {de: "ob die Anmeldung im Browser (OAuth2) durchgeht", en: "whether the sign-in in the browser (OAuth2) goes through"},
	"login.question.send":     {de: "ob du mit diesem Konto senden darfst", en: "whether you may send with this account"},
	"login.question.and":      {de: " und ", en: " and "},
	"login.ways":              {de: "So findest du es heraus, das Sicherste zuerst:", en: "Ways to find out, the safest first:"},
	"login.way.local": {
		de: "Auf deinem eigenen Rechner; das Passwort bleibt dort: ",
		en: "On your own computer; the password stays there: ",
	},
	"login.way.page": {
		de: "Auf einer Einmal-Seite: Drück „Anmeldung testen“. Link und Code siehst nur du, beides gilt zehn Minuten und einmal.",
		en: "On a one-time page: press “Test the login”. You alone see its link and code; they are good for ten minutes, and once.",
	},
	"login.way.oauth": {
		de: "Ganz ohne Passwort: Du meldest dich im Browser bei {name} an, und ich bekomme einen Zugang für diesen einen Test.",
		en: "Without any password: you sign in at {name} in your browser, and I get access for this one test.",
	},
	"button.oauth":       {de: "Mit {name} anmelden", en: "Sign in with {name}"},
	"login.oauth.title":  {de: "Anmeldung bei {name}", en: "Sign-in at {name}"},
	"login.oauth.device": {de: "Öffne die Seite von {name} und gib dort diesen Code ein: ", en: "Open the page of {name} and enter this code there: "},
	"login.oauth.open":   {de: "Seite von {name} öffnen", en: "Open the page of {name}"},
	"login.oauth.note": {
		de: "Dein Passwort gibst du nur bei {name} ein. Gib Link und Code nicht weiter. Ich melde mich einmal an deinem Postfach an, lese keine Mail und gebe den Zugang danach zurück. Beides gilt zehn Minuten; das Ergebnis erscheint hier.",
		en: "You enter your password at {name} only. Pass on neither link nor code. I log in to your mailbox once, read no mail, and give the access back afterwards. They are good for ten minutes; the result appears here.",
	},
	"login.oauth.denied": {de: "Die Anmeldung bei {name} wurde abgelehnt. Getestet habe ich nichts.", en: "The sign-in at {name} was declined. I have tested nothing."},
	"login.oauth.failed": {
		de: "Die Anmeldung bei {name} hat nicht geklappt. Versuch es später noch einmal.",
		en: "The sign-in at {name} did not work. Try again later.",
	},
	"login.noway.untied": {
		de: "Eine Einmal-Seite biete ich hier nicht an: Niemand, der für {name} sprechen darf, nennt diese Server. Ein Passwort könnte in falsche Hände geraten.",
		en: "I offer no one-time page here: nobody who may speak for {name} names these servers. A password could end up in the wrong hands.",
	},
	"login.noway.oauth": {
		de: "{name} nimmt von Mailprogrammen kein Passwort mehr an, nur die Anmeldung im Browser (OAuth2). Ein Passwort zu testen hilft deshalb nicht.",
		en: "{name} takes no passwords from mail programs any more, only the sign-in in the browser (OAuth2). So testing a password does not help.",
	},
	"login.never": {
		de: "Schreib das Passwort nie in den Chat, auch nicht als Direktnachricht.",
		en: "Never type the password into the chat, not even into a direct message.",
	},
	"login.link.title": {de: "Einmal-Seite für {name}", en: "One-time page for {name}"},
	"login.link.open":  {de: "Öffne die Seite und gib dort deine Adresse, dein Passwort und diesen Code ein: ", en: "Open the page and enter your address, your password and this code: "},
	"login.link.label": {de: "Seite öffnen", en: "Open the page"},
	"login.link.look": {
		de: "Prüfe vorher, dass die Seite {hosts} nennt. Gib Link und Code nicht weiter. Beides gilt bis {time} Uhr (UTC) und nur einmal; das Ergebnis erscheint hier.",
		en: "Check first that the page names {hosts}. Pass on neither link nor code. They are good until {time} UTC, and once; the result appears here.",
	},
	"login.broken": {
		de: "Eine Anmeldung teste ich erst, wenn der Server ohne sie in Ordnung ist: Vorher ginge das Passwort auf einen unsicheren oder falschen Weg.",
		en: "I test a login only once the server is in order without it: before that the password would take an unsafe or a wrong way.",
	},
	"login.failed": {de: "Der Link konnte nicht erzeugt werden. Versuch es noch einmal mit: ", en: "The link could not be made. Try again with: "},
	"login.result": {de: "Ergebnis der Einmal-Seite", en: "Result of the one-time page"},
	"login.argument": {
		de: "Ein Passwort gehört nicht hinter einen Befehl. Ich habe nichts davon verarbeitet. Wenn es echt war, ändere es. So testest du die Anmeldung: ",
		en: "A password does not belong behind a command. I have processed nothing of it. If it was real, change it. This is how to test the login: ",
	},

	"page.title":      {de: "Anmeldung testen", en: "Test the login"},
	"page.error":      {de: "Fehler", en: "Error"},
	"page.lead":       {de: "Diese Seite prüft einmal, ob die Anmeldung bei diesen Servern klappt.", en: "This page checks once whether the login at these servers works."},
	"page.provider":   {de: "Anbieter", en: "Provider"},
	"page.asker":      {de: "Angefordert von", en: "Asked for by"},
	"page.servers":    {de: "Server", en: "Servers"},
	"page.cert":       {de: "Zertifikat von", en: "Certificate of"},
	"page.issuer":     {de: "ausgestellt von", en: "issued by"},
	"page.until":      {de: "Gültig bis", en: "Valid until"},
	"page.utc":        {de: "{time} Uhr (UTC)", en: "{time} UTC"},
	"page.check":      {de: "Hast du den Test nicht selbst angefordert, oder kennst du die Server nicht? Dann schließ die Seite.", en: "Did you not ask for this test yourself, or do you not know the servers? Then close this page."},
	"page.code":       {de: "Code aus dem Chat", en: "Code from the chat"},
	"page.code.hint":  {de: "Sechs Ziffern, die nur du gesehen hast", en: "Six digits that only you have seen"},
	"page.address":    {de: "E-Mail-Adresse", en: "E-mail address"},
	"page.user":       {de: "Der Benutzername ist ein anderer als die Adresse", en: "The user name is another than the address"},
	"page.user.label": {de: "Benutzername", en: "User name"},
	"page.user.hint":  {de: "Nur ausfüllen, wenn dein Anbieter einen eigenen vergibt", en: "Fill in only if your provider gives out one"},
	"page.password":   {de: "Passwort", en: "Password"},
	"page.password.hint": {
		de: "Geht nur an die Server oben, verschlüsselt, und wird danach gelöscht. Es wird nirgends gespeichert.",
		en: "Goes to the servers above alone, encrypted, and is wiped afterwards. It is stored nowhere.",
	},
	"page.send":     {de: "Einmal anmelden", en: "Log in once"},
	"page.problems": {de: "Das hat noch nicht geklappt", en: "This did not work yet"},
	"page.again":    {de: "Gib das Passwort bitte noch einmal ein; es wurde nicht aufgehoben.", en: "Please enter the password again; it was not kept."},

	"page.problem.code":     {de: "Der Code stimmt nicht. Er steht in der Nachricht mit dem Link, die nur du siehst.", en: "The code is wrong. It stands in the message with the link, which you alone see."},
	"page.problem.address":  {de: "Gib deine ganze E-Mail-Adresse ein, zum Beispiel name@example.org.", en: "Enter your full e-mail address, for example name@example.org."},
	"page.problem.password": {de: "Gib das Passwort ein.", en: "Enter the password."},
	"page.problem.untied": {
		de: "Die Adresse gehört nicht zu diesen Servern. Das Passwort wurde nicht gesendet. Prüfe die Adresse; bist du sicher, teste auf deinem Rechner: ",
		en: "The address does not belong to these servers. The password was not sent. Check the address; if you are sure, test on your own computer: ",
	},
	"page.gone.title": {de: "Dieser Link gilt nicht mehr", en: "This link is no longer valid"},
	"page.gone": {
		de: "Er wurde schon benutzt, ist abgelaufen oder war nie gültig. Fordere im Chat mit „Anmeldung testen“ einen neuen an.",
		en: "It was used, has expired, or never was valid. Ask for a new one in the chat with “Test the login”.",
	},
	"page.refused.title": {de: "Das geht so nicht", en: "Not like this"},
	"page.slow":          {de: "Zu viele Versuche. Warte eine Minute.", en: "Too many tries. Wait a minute."},
	"page.later":         {de: "Das kann ich gerade nicht nachsehen. Versuch es in einer Minute noch einmal.", en: "I cannot look that up just now. Try again in a minute."},
	"page.denied":        {de: "Die Anmeldung wurde abgebrochen. Getestet habe ich nichts.", en: "The sign-in was cancelled. I have tested nothing."},
	"page.foreign":       {de: "Das Formular kam von einer anderen Seite. Öffne den Link aus dem Chat selbst.", en: "The form came from another page. Open the link out of the chat yourself."},
	"page.form":          {de: "Das Formular ist unvollständig oder zu groß.", en: "The form is incomplete or too large."},
	"page.trouble":       {de: "Beim Test ist etwas schiefgegangen. Das Passwort wurde gelöscht. Fordere im Chat einen neuen Link an.", en: "Something went wrong during the test. The password was wiped. Ask for a new link in the chat."},
	"page.done":          {de: "Fertig. Das Ergebnis steht auch im Chat; diese Seite kannst du schließen.", en: "Done. The result is in the chat, too; you can close this page."},
	"page.done.here":     {de: "Fertig. In den Chat konnte ich das Ergebnis nicht schreiben; es steht nur hier.", en: "Done. I could not write the result into the chat; it stands here alone."},
}
