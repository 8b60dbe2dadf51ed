package bot

// coreTexts are the sentences of answers.
var coreTexts = map[string]text{
	"help": {
		de: "Ich helfe beim Einrichten von E-Mail-Programmen und teste Mailserver live.",
		en: "I help to set up e-mail programs and test mail servers live.",
	},
	"help.ask": {
		de: "Oder frag einfach, zum Beispiel: „Warum fragt Outlook ständig nach dem Passwort?“ Fehlertexte und Codes wie 0x800CCC0E kannst du so einfügen, wie sie angezeigt werden.",
		en: "Or simply ask, for example: “Why does Outlook keep asking for my password?” Paste error texts and codes such as 0x800CCC0E just as they are shown.",
	},
	"help.password": {
		de: "Schreib nie ein Passwort in den Chat. Ein Login-Test läuft auf deinem Rechner: ",
		en: "Never type a password into the chat. A login test runs on your own computer: ",
	},
	"commands": {de: "Befehle", en: "Commands"},

	"settings.title":    {de: "E-Mail-Einstellungen: {name}", en: "E-mail settings: {name}"},
	"settings.incoming": {de: "Posteingang ({protocol})", en: "Incoming mail ({protocol})"},
	"settings.outgoing": {de: "Postausgang (SMTP)", en: "Outgoing mail (SMTP)"},
	"settings.host":     {de: "Server", en: "Server"},
	"settings.port":     {de: "Port", en: "Port"},
	"settings.security": {de: "Verschlüsselung", en: "Encryption"},
	"settings.username": {de: "Benutzername", en: "User name"},
	"settings.auth":     {de: "Anmeldung", en: "Sign-in"},
	"settings.none":     {de: "Für {protocol} bietet {name} keinen Server an, den ich kenne.", en: "I know of no {protocol} server at {name}."},
	"settings.which":    {de: "Für welchen Anbieter? Zum Beispiel: ", en: "Which provider? For example: "},
	"settings.unknown": {
		de: "Zu {name} kenne ich keine Serverdaten.",
		en: "I do not know the mail servers of {name}.",
	},
	"settings.unknown.next": {
		de: "Frag den Anbieter nach den Namen der Server für IMAP und SMTP, oder sieh in der Willkommensmail nach. Üblich sind Port 993 (IMAP, SSL/TLS) und 465 (SMTP, SSL/TLS). Wenn du einen Namen hast, prüfe ihn mit: ",
		en: "Ask the provider for its IMAP and SMTP server names, or look into its welcome mail. Usual are port 993 (IMAP, SSL/TLS) and 465 (SMTP, SSL/TLS). Once you have a name, check it with: ",
	},
	"settings.unknown.domain": {
		de: "Sag mir deine Domain, also den Teil deiner Adresse hinter dem @, dann suche ich die Server: ",
		en: "Tell me your domain, the part of your address after the @, and I look for the servers: ",
	},
	"domain.meant": {
		de: "„{typed}“ habe ich als {meant} gelesen. Steht die Adresse auch im Mailprogramm so da, dann berichtige sie dort.",
		en: "I have read “{typed}” as {meant}. If the address stands like that in the mail program as well, correct it there.",
	},
	"settings.meant": {de: "Meintest du: {names}?", en: "Did you mean: {names}?"},
	"settings.weak": {
		de: "Diese Angaben stammen aus nur einer oder einer alten Quelle. Prüfe sie mit: ",
		en: "These values rest on a single or an old source. Check them with: ",
	},
	"settings.plain": {
		de: "Ohne Verschlüsselung wird dein Passwort lesbar übertragen. Nutze diesen Eintrag nur, wenn der Anbieter nichts anderes hat.",
		en: "Without encryption your password travels in the clear. Use this entry only if the provider offers nothing else.",
	},
	"settings.oldwords": {
		de: "Ältere Outlook-Versionen nennen SSL/TLS „SSL“ und STARTTLS „TLS“.",
		en: "Older Outlook versions call SSL/TLS “SSL” and STARTTLS “TLS”.",
	},
	"settings.outdated": {
		de: "{host} ist veraltet. Richtig ist heute: ",
		en: "{host} is out of date. Today it is: ",
	},
	"settings.checkedevery": {
		de: "Nicht öfter als alle {minutes} Minuten abrufen, sonst weist der Server die Anmeldung ab.",
		en: "Do not check more often than every {minutes} minutes, or the server refuses the login.",
	},
	"settings.contact": {de: "Kontakt: {contact}", en: "Contact: {contact}"},

	"found.searching": {de: "Ich suche die Server von {name} …", en: "Looking for the servers of {name} …"},
	"found.behind": {
		de: "Die E-Mail von {domain} liegt laut MX-Eintrag bei {name}.",
		en: "The mail of {domain} is handled by {name}, says its MX record.",
	},
	"found.differs":      {de: "Andere Quellen nennen andere Server. Klappt es oben nicht, versuche diese:", en: "Other sources name other servers. If the ones above fail, try these:"},
	"found.notoffered":   {de: "{protocols} bietet {name} laut DNS nicht an.", en: "{name} does not offer {protocols}, says its DNS."},
	"found.also":         {de: "Außerdem gibt es: ", en: "There is also: "},
	"found.unusable":     {de: "Nicht verwendbar war: {list}.", en: "Not usable: {list}."},
	"found.trust.high":   {de: "Zuverlässigkeit hoch", en: "trust: high"},
	"found.trust.medium": {de: "Zuverlässigkeit mittel", en: "trust: medium"},
	"found.trust.low":    {de: "Zuverlässigkeit niedrig", en: "trust: low"},

	"found.doubt.unsigned": {
		de: "{protocols}: aus DNS-Einträgen ohne Signatur, also nicht fälschungssicher. Gehören die Server nicht erkennbar zu deinem Anbieter, frag ihn, bevor du dein Passwort eingibst.",
		en: "{protocols}: from DNS records without a signature, which can be forged. If the servers do not clearly belong to your provider, ask it before you enter your password.",
	},
	"found.doubt.http": {
		de: "{protocols}: nur unverschlüsselt (http) veröffentlicht, unterwegs kann das jeder ändern. Lass dir die Server vom Anbieter bestätigen, bevor du dein Passwort eingibst.",
		en: "{protocols}: published without encryption (http) only, anybody on the way can change it. Have your provider confirm the servers before you enter your password.",
	},
	"found.doubt.mx": {
		de: "{protocols}: erschlossen aus dem Anbieter, der laut MX-Eintrag die E-Mail annimmt. Prüfe es mit dem Live-Test.",
		en: "{protocols}: concluded from the provider that takes the mail according to the MX record. Check it with the live test.",
	},
	"found.doubt.guess": {
		de: "{protocols}: geraten aus den üblichen Namen und nicht geprüft. Sieh in der Willkommensmail deines Anbieters nach, ob es stimmt.",
		en: "{protocols}: guessed from the usual names and not checked. Look into your provider's welcome mail to see whether it is right.",
	},
	"found.doubt.guess.confirmed": {
		de: "{protocols}: geraten aus den üblichen Namen. Dort antwortet ein Mailserver mit gültigem Zertifikat; ob dein Postfach darauf liegt, zeigt erst die Anmeldung.",
		en: "{protocols}: guessed from the usual names. A mail server with a valid certificate answers there; only a login shows whether your mailbox is on it.",
	},

	"found.no-domain": {de: "Die Domain {name} gibt es nicht.", en: "The domain {name} does not exist."},
	"found.no-domain.next": {
		de: "Prüfe die Schreibweise des Teils hinter dem @. Für einen bekannten Anbieter schreib zum Beispiel ",
		en: "Check the spelling of the part after the @. For a known provider type for example ",
	},
	"found.null-mx":    {de: "{name} nimmt keine E-Mail an: Die Domain sagt das selbst (Null-MX).", en: "{name} takes no mail: the domain says so itself (null MX)."},
	"found.no-mail":    {de: "{name} nimmt keine E-Mail an: Im DNS stehen weder MX-Eintrag noch Adresse.", en: "{name} takes no mail: DNS has neither an MX record nor an address for it."},
	"found.broken-dns": {de: "Die Nameserver von {name} antworten nicht richtig. Deshalb kommt dort gerade auch keine E-Mail an.", en: "The name servers of {name} do not answer properly. So no mail arrives there at the moment either."},
	"found.no-network": {de: "Ich konnte nach {name} nicht suchen: Kein Nameserver antwortet mir.", en: "I could not look for {name}: no name server answers me."},
	"found.nothing": {
		de: "Zu {name} finde ich keine Mailserver: nichts in Autoconfig, DNS (SRV), ISPDB, Autodiscover und beim MX, und unter den üblichen Namen antwortet keiner.",
		en: "I find no mail servers for {name}: nothing in autoconfig, DNS (SRV), ISPDB, Autodiscover or at its MX, and none answers under the usual names.",
	},
	"found.no-mail.next": {
		de: "Prüfe, ob die Adresse stimmt. Betreibst du die Domain selbst, fehlt ihr der MX-Eintrag deines Mailanbieters.",
		en: "Check that the address is right. If the domain is yours, it lacks your mail provider's MX record.",
	},
	"found.broken-dns.next": {
		de: "Versuch es später noch einmal. Betreibst du die Domain selbst, prüfe Nameserver und DNSSEC bei deinem Registrar.",
		en: "Try again later. If the domain is yours, check its name servers and DNSSEC at your registrar.",
	},

	"found.source.autoconfig":        {de: "Autoconfig der Domain", en: "the domain's autoconfig"},
	"found.source.well-known":        {de: "Autoconfig der Domain", en: "the domain's autoconfig"},
	"found.source.pacc":              {de: "PACC der Domain", en: "the domain's PACC"},
	"found.source.srv":               {de: "DNS (SRV)", en: "DNS (SRV)"},
	"found.source.ispdb":             {de: "Thunderbirds ISPDB", en: "Thunderbird's ISPDB"},
	"found.source.mx":                {de: "MX-Eintrag und bekannter Anbieter", en: "MX record and known provider"},
	"found.source.autodiscover":      {de: "Autodiscover der Domain", en: "the domain's Autodiscover"},
	"found.source.autodiscover-srv":  {de: "Autodiscover über DNS (SRV)", en: "Autodiscover by DNS (SRV)"},
	"found.source.autodiscover-http": {de: "Autodiscover über http", en: "Autodiscover over http"},
	"found.source.mx-autoconfig":     {de: "Autoconfig des MX-Anbieters", en: "the MX provider's autoconfig"},
	"found.source.mx-ispdb":          {de: "ISPDB zum MX-Anbieter", en: "ISPDB on the MX provider"},
	"found.source.autoconfig-http":   {de: "Autoconfig über http", en: "autoconfig over http"},
	"found.source.well-known-http":   {de: "Autoconfig über http", en: "autoconfig over http"},
	"found.source.guess":             {de: "übliche Namen", en: "usual names"},

	"found.fault.certificate": {de: "Zertifikat ungültig", en: "invalid certificate"},
	"found.fault.malformed":   {de: "Datei fehlerhaft", en: "malformed file"},
	"found.fault.too-large":   {de: "Datei zu groß", en: "file too large"},
	"found.fault.redirect":    {de: "unerlaubte Umleitung", en: "forbidden redirect"},
	"found.fault.refused":     {de: "nichtöffentliche Adresse", en: "address that is not public"},
	"found.fault.digest":      {de: "Prüfsumme im DNS fehlt oder passt nicht", en: "digest in DNS missing or wrong"},

	"compare.title": {de: "Deine Einstellungen im Vergleich: {name}", en: "Your settings compared: {name}"},
	"compare.right": {de: "Richtig ist:", en: "This is right:"},
	"state.wrong":   {de: "falsch", en: "wrong"},

	"diff.no-access":      {de: "Hier kommt kein Mailprogramm hinein.", en: "No mail program is let in here."},
	"diff.not-offered":    {de: "Dieses Protokoll bietet der Anbieter nicht an.", en: "The provider does not offer this protocol."},
	"diff.outdated-host":  {de: "{have} ist veraltet, heute: {want}.", en: "{have} is out of date, today: {want}."},
	"diff.mistyped-host":  {de: "{have} ist vertippt, gemeint ist {want}.", en: "{have} is mistyped, it is {want}."},
	"diff.wrong-protocol": {de: "{have} ist für ein anderes Protokoll, richtig: {want}.", en: "{have} is for another protocol, right: {want}."},
	"diff.foreign-host":   {de: "{have} gehört zu einem anderen Anbieter ({want}).", en: "{have} belongs to another provider ({want})."},
	"diff.unknown-host":   {de: "{have} gibt es bei diesem Anbieter nicht, richtig: {want}.", en: "{have} does not exist at this provider, right: {want}."},
	"diff.port-25":        {de: "Port {have} ist für Mail zwischen Servern und oft gesperrt, nimm {want}.", en: "Port {have} is for mail between servers and often blocked, use {want}."},
	"diff.wrong-port":     {de: "Port {have} ist falsch, richtig: {want}.", en: "Port {have} is wrong, right: {want}."},
	"diff.wrong-security": {de: "Die Verschlüsselung passt nicht zum Port, richtig: {want}.", en: "The encryption does not fit the port, right: {want}."},
	"diff.not-encrypted":  {de: "Unverschlüsselt wird dein Passwort lesbar übertragen, nimm {want}.", en: "Unencrypted, your password travels in the clear; use {want}."},
	"diff.username":       {de: "Der Benutzername hat die falsche Form, richtig: {want}.", en: "The user name has the wrong form, right: {want}."},

	"cause.username":  {de: "(meist die ganze Adresse)", en: "(usually the full address)"}, // as the causes say it
	"user.address":    {de: "deine ganze E-Mail-Adresse", en: "your full e-mail address"},
	"user.localpart":  {de: "der Teil vor dem @", en: "the part before the @"},
	"user.domainuser": {de: "name.domain (Punkt statt @)", en: "name.domain (a dot instead of the @)"},
	"user.other":      {de: "laut Anbieter: {form}", en: "as the provider says: {form}"},

	"auth.password":           {de: "normales Passwort", en: "normal password"},
	"auth.separate":           {de: "E-Mail-Passwort (nicht das Kundenlogin)", en: "mail password (not the customer login)"},
	"auth.app":                {de: "App-Passwort", en: "app password"},
	"auth.password-encrypted": {de: "verschlüsseltes Passwort", en: "encrypted password"},
	"auth.oauth2":             {de: "OAuth2 (Anmeldung im Browser)", en: "OAuth2 (sign-in in the browser)"},
	"auth.none":               {de: "keine", en: "none"},
	"auth.or":                 {de: " oder ", en: " or "},

	"requires.enable": {
		de: "IMAP/POP3 ist anfangs ausgeschaltet: Schalte es zuerst in den Einstellungen im Webmail frei, sonst wird auch das richtige Passwort abgewiesen.",
		en: "IMAP/POP3 is off at first: switch it on in the webmail settings, or even the right password is refused.",
	},
	"requires.app": {
		de: "Dein normales Passwort gilt hier nicht: Erzeuge beim Anbieter ein App-Passwort und trage es im Mailprogramm ein.",
		en: "Your normal password is not accepted here: create an app password at the provider and enter it in the mail program.",
	},
	"requires.app2fa": {
		de: "Mit Zwei-Faktor-Anmeldung brauchst du ein anwendungsspezifisches Passwort (App-Passwort).",
		en: "With two-factor sign-in you need an app-specific password.",
	},
	"requires.appor": {
		de: "Ohne OAuth2-Anmeldung brauchst du ein App-Passwort.",
		en: "Without OAuth2 sign-in you need an app password.",
	},
	"requires.oauth": {
		de: "Die Anmeldung geht nur noch mit OAuth2: Das Mailprogramm öffnet die Anmeldeseite des Anbieters. Ein Passwort im Mailprogramm kann nicht funktionieren.",
		en: "Only OAuth2 sign-in works: the mail program opens the provider's sign-in page. A password in the mail program cannot work.",
	},
	"requires.separate": {
		de: "Für Mailprogramme gilt ein eigenes E-Mail-Passwort, nicht das Kundenlogin. Lege es beim Anbieter fest.",
		en: "Mail programs need a separate e-mail password, not the customer login. Set it at the provider.",
	},
	"requires.paid": {de: "Der Zugang für Mailprogramme gehört zu einem bezahlten Tarif.", en: "Access for mail programs is part of a paid plan."},
	"requires.noimap": {
		de: "{name} bietet keinen Zugang für Mailprogramme (kein IMAP, POP3, SMTP). Nutze das Webmail oder die App des Anbieters.",
		en: "{name} offers no access for mail programs (no IMAP, POP3, SMTP). Use its webmail or its own app.",
	},

	"source.label":    {de: "Quelle", en: "Source"},
	"source.live":     {de: "live geprüft am {date}", en: "checked live on {date}"},
	"source.stand":    {de: "Stand", en: "as of"},
	"origin.operator": {de: "Angaben deines Supports", en: "your support team"},
	"origin.taught":   {de: "aus einem Gespräch gelernt", en: "learned in a conversation"},

	"test.title":   {de: "Test: {name}", en: "Test: {name}"},
	"test.running": {de: "Ich prüfe {count} Zugänge gleichzeitig …", en: "Checking {count} endpoints side by side …"},
	"test.which": {
		de: "Was soll ich testen? Zum Beispiel: ",
		en: "What shall I test? For example: ",
	},
	"test.ok": {
		de: "Von hier aus ist alles in Ordnung: {works}.",
		en: "Seen from here all is well: {works}.",
	},
	"test.ok.next": {
		de: "Klappt es bei dir trotzdem nicht? Vergleiche Server, Port und Verschlüsselung im Mailprogramm, dann Passwort, Virenscanner, VPN und Firewall.",
		en: "Still not working for you? Compare server, port and encryption in your mail program, then password, virus scanner, VPN and firewall.",
	},
	"test.ok.login": {
		de: "Die Anmeldung hat geklappt. Liegt das Problem im Mailprogramm, vergleiche dort Server, Port, Verschlüsselung und Benutzername.",
		en: "The login worked. If your mail program still fails, compare server, port, encryption and user name there.",
	},
	"test.warn":         {de: "Es geht, aber: {cause}.", en: "It works, but: {cause}."},
	"test.warn.part":    {de: "Es geht, nur nicht über jeden Zugang: {cause}.", en: "It works, but not at every endpoint: {cause}."},
	"test.fail":         {de: "Ursache: {cause}.", en: "Cause: {cause}."},
	"test.fail.where":   {de: "Betroffen: {where}.", en: "Affected: {where}."},
	"test.works":        {de: "Das geht stattdessen: ", en: "This works instead: "},
	"test.serversaid":   {de: "Der Server sagt: ", en: "The server says: "},
	"test.operator":     {de: "Für den Betreiber: ", en: "For the operator: "},
	"test.aborted":      {de: "Der Test wurde abgebrochen. Teste noch einmal mit: ", en: "The test was cancelled. Run it again with: "},
	"test.interrupted":  {de: "Der Test wurde abgebrochen, weil ich neu gestartet wurde. Bitte noch einmal testen.", en: "The test was aborted because I was restarted. Please test again."},
	"test.noservers":    {de: "{name} hat keine Server, die ich testen kann.", en: "{name} has no servers that I can test."},
	"test.badport":      {de: "{port} ist kein Mail-Port. Ich teste 993, 143 (IMAP), 995, 110 (POP3), 465, 587, 25 und 2525 (SMTP).", en: "{port} is no mail port. I test 993, 143 (IMAP), 995, 110 (POP3), 465, 587, 25 and 2525 (SMTP)."},
	"test.unknowncause": {de: "unbekannte Ursache ({code})", en: "unknown cause ({code})"},

	"test.meant": {de: "Meintest du ", en: "Did you mean "},
	"test.domain": {
		de: "Nebenbei zu {name}, ohne Bedeutung für dein Mailprogramm, nur für Server, die dorthin zustellen: {list}.",
		en: "Noted on {name}, of no concern to your mail program, only to servers that deliver there: {list}.",
	},
	"test.mtasts":         {de: "MTA-STS im Modus {mode}", en: "MTA-STS in mode {mode}"},
	"test.mtasts.problem": {de: "MTA-STS angekündigt, aber {problem}", en: "MTA-STS announced, but {problem}"},
	"mtasts.unreachable":  {de: "die Richtlinie ist nicht abrufbar", en: "the policy cannot be fetched"},
	"mtasts.certificate":  {de: "das Zertifikat des Webservers mta-sts gilt nicht", en: "the certificate of its web server mta-sts is not valid"},
	"mtasts.invalid":      {de: "die Richtlinie ist fehlerhaft", en: "the policy is malformed"},
	"mtasts.mx-not-named": {de: "die Richtlinie nennt nicht alle MX-Server", en: "the policy does not name all MX hosts"},
	"test.dane":           {de: "DANE für {n} von {of} MX-Servern", en: "DANE for {n} of {of} MX hosts"},
	"test.dane.unsigned":  {de: "TLSA-Einträge, deren DNSSEC-Signatur ich nicht prüfen konnte", en: "TLSA records whose DNSSEC signatures I could not verify"},
	"test.clock.slow": {
		de: "Gemeint ist die Uhr des Rechners, auf dem ich laufe: Sie geht {by} nach. Ob das Zertifikat gilt, kann ich deshalb nicht beurteilen; mit deinem Gerät hat das nichts zu tun.",
		en: "This is about the clock of the machine that I run on: it is {by} slow. So I cannot judge the certificate; your device has nothing to do with it.",
	},
	"test.clock.fast": {
		de: "Gemeint ist die Uhr des Rechners, auf dem ich laufe: Sie geht {by} vor. Ob das Zertifikat gilt, kann ich deshalb nicht beurteilen; mit deinem Gerät hat das nichts zu tun.",
		en: "This is about the clock of the machine that I run on: it is {by} fast. So I cannot judge the certificate; your device has nothing to do with it.",
	},
	"test.day":  {de: "einen Tag", en: "one day"},
	"test.days": {de: "{n} Tage", en: "{n} days"},
	"test.repeated": {
		de: "Ergebnis von vor {age}. Neu testen kannst du in {wait}.",
		en: "Result from {age} ago. You can test again in {wait}.",
	},

	"limit.user": {
		de: "Du hast gerade schon mehrere Tests gestartet. Versuch es in {wait} noch einmal mit: ",
		en: "You have started several tests just now. Try again in {wait} with: ",
	},
	"limit.channel": {
		de: "In diesem Kanal laufen gerade viele Tests. Versuch es in {wait} noch einmal mit: ",
		en: "There have been many tests in this channel just now. Try again in {wait} with: ",
	},
	"limit.host": {
		de: "{name} wurde gerade erst getestet, und ich will den Server nicht überlasten. Versuch es in {wait} noch einmal mit: ",
		en: "{name} was tested just now, and I do not want to overload the server. Try again in {wait} with: ",
	},
	"limit.network": {
		de: "Im Netz {name} wurden gerade viele Server getestet, und ich will es nicht überlasten. Versuch es in {wait} noch einmal mit: ",
		en: "Many servers in the network {name} were tested just now, and I do not want to overload it. Try again in {wait} with: ",
	},
	"limit.search": {
		de: "Gerade wurde schon viel nachgeschlagen, und ich will fremde Server nicht überlasten. Versuch es in {wait} noch einmal mit: ",
		en: "Much has been looked up just now, and I do not want to overload other people's servers. Try again in {wait} with: ",
	},
	"limit.busy": {
		de: "Gerade laufen sehr viele Tests. Versuch es in {wait} noch einmal mit: ",
		en: "Very many tests are running just now. Try again in {wait} with: ",
	},

	"state.ok":      {de: "ok", en: "ok"},
	"state.warn":    {de: "Warnung", en: "warning"},
	"state.fail":    {de: "Fehler", en: "failed"},
	"state.running": {de: "läuft", en: "running"},
	"state.skipped": {de: "nicht geprüft", en: "not checked"},

	"step.resolve":      {de: "Namensauflösung", en: "name look-up"},
	"step.connect":      {de: "Verbindung", en: "connection"},
	"step.greeting":     {de: "Begrüßung", en: "greeting"},
	"step.starttls":     {de: "STARTTLS", en: "STARTTLS"},
	"step.tls":          {de: "TLS und Zertifikat", en: "TLS and certificate"},
	"step.versions":     {de: "TLS-Versionen", en: "TLS versions"},
	"step.capabilities": {de: "Fähigkeiten", en: "capabilities"},
	"step.auth":         {de: "Anmeldung", en: "login"},
	"step.open":         {de: "Postfach öffnen", en: "open mailbox"},
	"step.family":       {de: "andere IP-Version", en: "other IP version"},
	"step.instead":      {de: "Ersatz", en: "replacement"},
	"step.verdict":      {de: "Ergebnis", en: "result"},

	"test.times": {de: "Dauer {all}; die Schritte im Einzelnen:", en: "It took {all}; step by step:"},

	"fault.expired":   {de: "Zertifikat am {date} abgelaufen", en: "certificate expired on {date}"},
	"fault.notyet":    {de: "Zertifikat gilt erst ab {date}", en: "certificate is valid from {date} only"},
	"fault.name":      {de: "Zertifikat gilt für {names}, nicht für {host}", en: "certificate is for {names}, not for {host}"},
	"fault.oldtls":    {de: "spricht höchstens {version}", en: "speaks {version} at most"},
	"fault.nonames":   {de: "Zertifikat nennt keinen Servernamen", en: "certificate names no server"},
	"fault.morenames": {de: "{names} und {n} weitere Namen", en: "{names} and {n} more names"},
	"fault.issuer":    {de: "{cause} (Aussteller: {issuer})", en: "{cause} (issuer: {issuer})"},

	"check.cert.until": {de: "Zertifikat bis {date}", en: "certificate until {date}"},
	"check.mechanisms": {de: "Anmeldearten {list}", en: "login methods {list}"},
	"check.login.ok":   {de: "Anmeldung angenommen ({mechanism})", en: "login accepted ({mechanism})"},
	"check.login.no":   {de: "Anmeldung abgelehnt", en: "login refused"},

	"check.login.skipped": {de: "Anmeldung hier nicht versucht", en: "no login tried here"},

	"button.test":     {de: "Live testen", en: "Test live"},
	"button.testhost": {de: "{host} testen", en: "Test {host}"},
	"button.local":    {de: "Von meinem Rechner", en: "From my computer"},
	"button.again":    {de: "Nochmal testen", en: "Test again"},
	"button.settings": {de: "Einstellungen", en: "Settings"},
	"button.only":     {de: "Nur {protocol}", en: "Only {protocol}"},

	"provider.known":       {de: "Serverdaten von {name} zeige ich mit: ", en: "For the servers of {name} type: "},
	"article.related":      {de: "Verwandt: {topics}", en: "Related: {topics}"},
	"article.livetest":     {de: "Live prüfen: ", en: "Check it live: "},
	"article.livetest.any": {de: "Live prüfen, mit deinem Anbieter oder deiner Domain, zum Beispiel: ", en: "Check it live with your provider or domain, for example: "},
	"request.comma":        {de: ", ", en: " "},
	"next.prefix":          {de: "Nächster Schritt:", en: "Next step:"},
	"guide.steps":          {de: "Schritt für Schritt", en: "Step by step"},
	"title.about":          {de: "{title} – {what}", en: "{title} – {what}"},
	"title.in":             {de: "{provider} in {client}", en: "{provider} in {client}"},
	"client.ended":         {de: "{name} funktioniert nicht mehr zuverlässig.", en: "{name} no longer works reliably."},
	"client.limited":       {de: "{name} geht nur noch eingeschränkt.", en: "{name} works with limits only."},
	"client.use":           {de: "Nimm stattdessen: {names}.", en: "Use instead: {names}."},
	"error.servers":        {de: "Bei {name} gehören diese Server ins Programm: ", en: "{name} wants these servers in the program: "},
	"cause.code":           {de: "Zum Code {code}: ", en: "About code {code}: "},

	"neutral.imap.host":     {de: "der IMAP-Server deines Anbieters", en: "your provider's IMAP server"},
	"neutral.imap.port":     {de: "993", en: "993"},
	"neutral.imap.security": {de: "SSL/TLS", en: "SSL/TLS"},
	"neutral.imap.username": {de: "meist deine ganze E-Mail-Adresse", en: "usually your full e-mail address"},
	"neutral.pop3.host":     {de: "der POP3-Server deines Anbieters", en: "your provider's POP3 server"},
	"neutral.pop3.port":     {de: "995", en: "995"},
	"neutral.pop3.security": {de: "SSL/TLS", en: "SSL/TLS"},
	"neutral.pop3.username": {de: "meist deine ganze E-Mail-Adresse", en: "usually your full e-mail address"},
	"neutral.smtp.host":     {de: "der SMTP-Server deines Anbieters", en: "your provider's SMTP server"},
	"neutral.smtp.port":     {de: "465", en: "465"},
	"neutral.smtp.security": {de: "SSL/TLS", en: "SSL/TLS"},
	"neutral.smtp.username": {de: "meist deine ganze E-Mail-Adresse", en: "usually your full e-mail address"},
	"neutral.username":      {de: "meist deine ganze E-Mail-Adresse", en: "usually your full e-mail address"},
	"neutral.provider":      {de: "dein Anbieter", en: "your provider"},
	"neutral.domain":        {de: "deine Domain", en: "your domain"},
	"neutral.webmail":       {de: "das Webmail deines Anbieters", en: "your provider's webmail"},

	"scope": {
		de: "Dazu habe ich nichts Gutes. Ich kenne mich mit Mailservern, E-Mail-Programmen und deren Fehlermeldungen aus. Beschreib das Problem mit Anbieter, Programm und genauem Fehlertext, oder schreib ",
		en: "I have no good answer to that. I know mail servers, e-mail programs and their error messages. Describe the problem with provider, program and exact error text, or type ",
	},
	"still.next": {
		de: "Dann liegt es daran wohl nicht, oder nicht allein. Als Nächstes kommt das infrage:",
		en: "Then it is probably not that, or not that alone. This is the next thing to look at:",
	},
	"still.exact": {
		de: "Dann hilft Raten nicht weiter. Schreib mir, was genau in der Fehlermeldung steht (mit Code, ohne Passwort), und lass die Server live testen – dann sehen wir, ob es am Server oder am Programm liegt.",
		en: "Then guessing does not help any more. Tell me exactly what the error message says (with its code, without the password), and have the servers tested live: that shows whether it is the server or the program.",
	},
	"still.people": {
		de: "Alles Übliche ist damit versucht. Jetzt kann nur noch jemand helfen, der dein Postfach sieht: Nenn dem Kundendienst deines Anbieters den genauen Fehlertext, die Uhrzeit und das Ergebnis von /test.",
		en: "All the usual things have been tried. Now only somebody who can see your mailbox can help: give your provider's support the exact error text, the time and the result of /test.",
	},
	"still.team": {
		de: "Oder schreib „Mensch“, dann rufe ich das Team in diesen Thread.",
		en: "Or write \"human\" and I will call the team into this thread.",
	},
	"foreign": {
		de: "Ich verstehe Deutsch und Englisch. Frag mich in einer der beiden Sprachen nach Mailservern, E-Mail-Programmen und Fehlermeldungen. Befehle gehen in jeder Sprache: ",
		en: "I understand English and German. Ask me in either about mail servers, e-mail programs and error messages. Commands work in any language: ",
	},
	"several.more": {
		de: "Das waren die ersten drei Fragen. Stell die übrigen danach einzeln.",
		en: "Those were the first three questions. Ask the others one by one after this.",
	},
	"smalltalk": {
		de: "Gern! Wenn es bei E-Mail klemmt: Anbieter, Programm und Fehlertext nennen, oder ",
		en: "You're welcome! If e-mail gives you trouble: name provider, program and error text, or type ",
	},
	"clarify": {
		de: "Damit ich gezielt helfen kann: Welcher Anbieter, welches Mailprogramm, und was steht genau in der Fehlermeldung?",
		en: "To help you precisely: which provider, which mail program, and what exactly does the error message say?",
	},
	"empty":   {de: "Da stand nichts. Schreib zum Beispiel ", en: "That was empty. Type for example "},
	"unknown": {de: "Den Befehl {command} kenne ich nicht. Hilfe gibt es mit ", en: "I do not know the command {command}. For help type "},
	"secret": {
		de: "Das sieht nach einem Passwort aus. Ich habe die Nachricht nicht verarbeitet und nichts gespeichert. Lösche sie und ändere das Passwort; stell die Frage dann ohne Passwort noch einmal.",
		en: "That looks like a password. I have not processed the message and stored nothing. Delete it and change the password, then ask again without it.",
	},
	"internal": {
		de: "Da ist bei mir etwas schiefgegangen. Versuch es gleich noch einmal.",
		en: "Something went wrong on my side. Please try again in a moment.",
	},

	"hint.thread": {
		de: "Befehle mit / gibt es in Threads nicht. Schreib hier zum Beispiel:",
		en: "There are no / commands in threads. Type here for example:",
	},

	"notice.notmember": {de: "Ich bin noch nicht in diesem Kanal. Lade mich ein:", en: "I am not in this channel yet. Invite me:"},
	"notice.notmember.next": {
		de: "Danach stell die Frage noch einmal, oder frag mich gleich per Direktnachricht.",
		en: "Then ask again, or ask me in a direct message right away.",
	},
	"notice.archived": {de: "In diesem Kanal kann niemand mehr schreiben:", en: "Nobody can write in this channel any more:"},
	"notice.archived.next": {
		de: "Frag mich in einem anderen Kanal oder per Direktnachricht.",
		en: "Ask me in another channel or in a direct message.",
	},
	"notice.scope": {de: "Mir fehlt hier eine Berechtigung:", en: "I lack a permission here:"},
	"notice.scope.next": {
		de: "Wer die App verwaltet, kann die Berechtigung ergänzen und die App danach neu installieren.",
		en: "Whoever manages the app can add the permission and then install the app again.",
	},
	"notice.role": {de: "Ich darf dort nicht antworten, wo du gefragt hast. Mir fehlt die Berechtigung:", en: "I may not answer where you asked. I lack the permission:"},
	"notice.role.next": {
		de: "Wer den Server verwaltet, kann sie meiner Rolle in den Einstellungen des Kanals geben. Frag danach noch einmal, oder gleich hier per Direktnachricht.",
		en: "Whoever manages the server can give it to my role in the channel's settings. Then ask again, or ask me right here in a direct message.",
	},
	"notice.thread": {de: "Den Thread hinter diesem Link erreiche ich von hier aus nicht. Lade mich in seinen Kanal ein:", en: "I cannot reach the thread behind this link from here. Invite me to its channel:"},
	"notice.thread.next": {
		de: "Ruf den Befehl dann in dem Kanal auf, in dem der Thread steht.",
		en: "Then run the command in the channel that the thread is in.",
	},
	"notice.content": {de: "Eingeschaltet, aber ich kann hier noch nicht mitlesen. In Discord fehlt mir:", en: "Switched on, but I cannot read along here yet. On Discord I lack:"},
	"notice.content.next": {
		de: "Wer die App verwaltet, schaltet das im Developer Portal unter Bot, Privileged Gateway Intents ein; danach gibst du den Befehl noch einmal. Alles andere geht schon jetzt: Befehle, Knöpfe, Erwähnungen, Direktnachrichten.",
		en: "Whoever manages the app can switch it on in the developer portal under Bot, Privileged Gateway Intents; then run the command once more. All else works right now: commands, buttons, mentions, direct messages.",
	},
	"notice.stale": {de: "Damit kann ich nichts mehr anfangen: Der Knopf ist zu alt, oder er gehört nicht zu mir.", en: "I can make nothing of this any more: the button is too old, or not one of mine."},
	"notice.stale.next": {
		de: "Stell die Frage einfach noch einmal, dann bekommst du frische Knöpfe.",
		en: "Just ask again, then you get fresh buttons.",
	},
	"notice.failed": {de: "Meine Antwort ließ sich nicht posten:", en: "My answer could not be posted:"},
	"notice.failed.next": {
		de: "Versuch es in einer Minute noch einmal oder frag mich per Direktnachricht.",
		en: "Try again in a minute, or ask me in a direct message.",
	},

	"code.paste": {
		de: "Für den Chat, ohne Adresse und Passwort. Eingefügt im Thread vergleicht der Bot deine Sicht mit seiner: ",
		en: "For the chat, without address and password. Pasted into the thread, the bot compares your view with its own: ",
	},
	"local.title": {de: "Von deinem Rechner prüfen: {name}", en: "Check from your computer: {name}"},
	"local.bot": {
		de: "So siehst du, was dein eigenes Netz durchlässt. Mit mailhelpbot auf deinem Rechner; den Berichtscode am Ende fügst du hier ein:",
		en: "This shows what your own network lets through. With mailhelpbot on your computer; paste the report code at its end here:",
	},
	"local.auth":    {de: "auch die Anmeldung; das Passwort wird unsichtbar abgefragt und bleibt auf deinem Rechner", en: "the login, too; the password is asked for without being shown and stays on your computer"},
	"local.nothing": {de: "Ohne etwas zu installieren:", en: "Without installing anything:"},
	"local.login":   {de: "Anmeldung (curl fragt nach dem Passwort)", en: "Login (curl asks for the password)"},
	"local.user":    {de: "DEINE-ADRESSE", en: "YOUR-ADDRESS"},
	"local.paste": {
		de: "Füge hier nur die letzte Zeile ein, nie Benutzername oder Passwort. Lass bei curl „-v“ weg: damit stünde die Anmeldung lesbar in der Ausgabe.",
		en: "Paste only the last line here, never user name or password. Leave out curl's “-v”: it would show the login in its output.",
	},
	"code.title": {de: "Zwei Blickwinkel: {name}", en: "Two points of view: {name}"},
	"code.sides": {de: "bei dir: {there}; von hier: {here}", en: "at your place: {there}; from here: {here}"},
	"code.made": {
		de: "Die Angaben zu deiner Seite stammen aus dem Berichtscode vom {time} UTC. Ich kann sie nicht nachprüfen.",
		en: "What is said of your side comes from the report code of {time} UTC. I cannot verify it.",
	},
	"code.old":       {de: "Er ist nicht von heute – lass den Test besser noch einmal laufen.", en: "It is not from today – better run the test again."},
	"code.accepted":  {de: "Anmeldung angenommen", en: "login accepted"},
	"code.notprobed": {de: "nicht geprüft", en: "not checked"},
	"code.damaged": {
		de: "Der Berichtscode ist abgeschnitten oder verändert. Kopiere ihn noch einmal ganz, von MH1- bis zum Ende, oder lass den Test neu laufen: ",
		en: "The report code is cut off or changed. Copy all of it again, from MH1- to its end, or run the test once more: ",
	},
	"code.intercepted": {
		de: "Der Server ist in Ordnung. Auf deinem Weg dorthin steht jemand dazwischen: Bei dir kommt ein fremdes Zertifikat an ({issuer}).",
		en: "The server is fine. Somebody stands between you and it: a foreign certificate reaches you ({issuer}).",
	},
	"code.intercepted.next": {
		de: "Meist ist das der Virenscanner mit E-Mail-Schutz oder SSL-Prüfung (Avast, AVG, Kaspersky, ESET, G Data, Bitdefender), in Firmen und Hotels das Netz. Schalte die Prüfung verschlüsselter Mailverbindungen ab und teste noch einmal. Gib dein Passwort nicht ein, solange die Warnung kommt.",
		en: "Usually that is a virus scanner with mail shield or SSL scanning (Avast, AVG, Kaspersky, ESET, G Data, Bitdefender), in companies and hotels the network. Switch the scanning of encrypted mail connections off and test again. Do not enter your password while the warning is there.",
	},
	"code.clock": {
		de: "Der Server und sein Zertifikat sind in Ordnung. Bei dir stimmt die Uhr nicht.",
		en: "The server and its certificate are fine. The clock on your side is wrong.",
	},
	"code.clock.next": {
		de: "Stell Datum, Uhrzeit und Zeitzone deines Geräts auf „automatisch“ und teste noch einmal.",
		en: "Set date, time and time zone of your device to automatic and test again.",
	},
	"code.names": {
		de: "Die Server sind in Ordnung, aber dein Netz findet ihre Namen nicht (DNS).",
		en: "The servers are fine, but your network does not find their names (DNS).",
	},
	"code.names.next": {
		de: "Starte den Router neu, schalte VPN und Werbeblocker mit DNS-Filter ab, oder versuch es über Mobilfunk. Klappt es dort, liegt es am DNS deines Anschlusses.",
		en: "Restart the router, switch off a VPN or an ad blocker that filters DNS, or try the mobile network. If it works there, it is the DNS of your line.",
	},
	"code.blocked": {
		de: "Der Server ist in Ordnung. Dein Netz oder dein Rechner sperrt Port {ports}.",
		en: "The server is fine. Your network or your computer blocks port {ports}.",
	},
	"code.blocked.next": {
		de: "Prüfe Firewall, Virenscanner und VPN. Speedport-Router der Telekom lassen Postausgang nur zu Servern ihrer „Liste der sicheren E-Mail-Server“ durch: dort eintragen oder die Liste abschalten. In Firmen, Hotels und Schulen ist der Port oft gesperrt – dann hilft Mobilfunk.",
		en: "Check firewall, virus scanner and VPN. Some routers (such as Telekom's Speedport) let outgoing mail through to a list of servers only: add yours there or switch the list off. Companies, hotels and schools often block the port – then the mobile network helps.",
	},
	"code.blocked.all": {
		de: "Die Server sind in Ordnung, aber von dir aus ist keiner von ihnen zu erreichen.",
		en: "The servers are fine, but none of them can be reached from your side.",
	},
	"code.blocked.all.next": {
		de: "Geht das Internet sonst? Dann sperrt eine Firewall, ein Virenscanner, ein VPN oder das Netz (Firma, Hotel, Schule) E-Mail ganz. Schalte sie der Reihe nach zum Testen ab, oder versuch es über Mobilfunk. Nach vielen falschen Anmeldungen sperrt auch ein Anbieter deine IP-Adresse für eine Weile.",
		en: "Does the internet work otherwise? Then a firewall, a virus scanner, a VPN or the network (company, hotel, school) blocks mail altogether. Switch them off one by one to test, or try the mobile network. After many wrong logins a provider may block your IP address for a while, too.",
	},
	"code.stripped": {
		de: "Der Server bietet Verschlüsselung an, aber bei dir kommt das Angebot nicht an. Auf dem Weg entfernt es jemand.",
		en: "The server offers encryption, but the offer does not reach you. Somebody on the way removes it.",
	},
	"code.stripped.next": {
		de: "Nimm die Ports mit SSL/TLS von Anfang an: 993 (IMAP), 995 (POP3), 465 (SMTP). Ursache ist eine Firewall oder ein Virenscanner, der Mails mitliest.",
		en: "Use the ports with SSL/TLS from the start: 993 (IMAP), 995 (POP3), 465 (SMTP). The reason is a firewall or virus scanner that reads mail.",
	},
	"code.login": {
		de: "Server und Verbindung sind auf beiden Seiten in Ordnung. Nur die Anmeldung wird abgelehnt.",
		en: "Server and connection are fine on both sides. Only the login is refused.",
	},
	"code.login.next": {
		de: "Melde dich mit demselben Passwort im Webmail an und prüfe dort, ob IMAP/POP3 erlaubt ist.",
		en: "Sign in to webmail with the same password and check there that IMAP/POP3 is allowed.",
	},
	"code.thereonly": {de: "Von hier aus geht es, bei dir nicht.", en: "It works from here, but not at your place."},
	"code.thereonly.next": {
		de: "Vergleiche, was bei dir dazwischen steht: Firewall, Virenscanner, VPN, Router.",
		en: "Look at what stands in between on your side: firewall, virus scanner, VPN, router.",
	},
	"code.server": {
		de: "Auch von hier aus geht es nicht: Es liegt am Server, nicht an dir.",
		en: "It does not work from here either: it is the server, not you.",
	},
	"code.server.next": {de: "Warte etwas und frag den Anbieter, wenn es bleibt.", en: "Wait a little, and ask the provider if it stays."},
	"code.hereonly": {
		de: "Bei dir geht es, nur von hier aus nicht. Für dich ist der Server in Ordnung.",
		en: "It works at your place, only not from here. For you the server is fine.",
	},
	"code.hereonly.next": {
		de: "Der Anbieter weist wohl das Netz ab, aus dem ich teste. Hakt es trotzdem, vergleiche die Einstellungen im Mailprogramm.",
		en: "The provider probably turns away the network that I test from. If you still have trouble, compare the settings in your mail program.",
	},
	"code.allwell": {
		de: "Alles in Ordnung, bei dir und von hier: Server, Netz und Verschlüsselung.",
		en: "All is well, at your place and from here: servers, network and encryption.",
	},
	"code.allwell.next": {
		de: "Offen ist nur die Anmeldung. Ob Benutzername und Passwort stimmen, zeigt auf deinem Rechner: ",
		en: "Only the login is open. Whether user name and password are right shows, on your own computer: ",
	},
	"code.allwell.login": {
		de: "Alles in Ordnung: Server, Netz und sogar die Anmeldung. Es liegt an den Einstellungen im Mailprogramm.",
		en: "All is well: servers, network and even the login. It is the settings in the mail program.",
	},
	"code.allwell.login.next": {
		de: "Vergleiche Server, Port, Verschlüsselung und Benutzername im Mailprogramm mit den richtigen Werten und gib das Passwort dort neu ein – beim Postausgang auch.",
		en: "Compare server, port, encryption and user name in the mail program with the right values, and enter the password there anew – for outgoing mail, too.",
	},
}
