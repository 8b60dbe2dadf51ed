package main

import "maps"

// bilingual is a text in both languages.
type bilingual struct{ de, en string }

func (b bilingual) in(lang string) string {
	if lang == "de" {
		return b.de
	}
	return b.en
}

// doctorTexts are all that the doctor says. A key names what was looked at,
// key.fault what is wrong with it, key.fault.do what to do. Errors of libraries
// and platforms are put in as they are.
func doctorTexts() map[string]bilingual {
	all := machineTexts()
	for _, more := range []map[string]bilingual{networkTexts(), slackTexts(), discordTexts()} {
		maps.Copy(all, more)
	}
	return all
}

// machineTexts are about this machine: settings, database, disk, knowledge, trust.
func machineTexts() map[string]bilingual {
	return map[string]bilingual{
		"settings":         {"Einstellungen", "settings"},
		"setting":          {"Einstellung {name}", "setting {name}"},
		"setting.wrong":    {"{why}", "{why}"},
		"setting.wrong.do": {"Setz die Variable neu, oder nimm sie weg, wenn du sie nicht brauchst. Alle Einstellungen stehen in der README.", "Set the variable anew, or remove it if you do not need it. The README lists all settings."},

		"db":             {"Datenbank {path}", "database {path}"},
		"db.unusable":    {"{why}", "{why}"},
		"db.unusable.do": {"Gib mit --db oder MAILHELPBOT_DB eine Datei an, die sich schreiben lässt, oder spiel eine Sicherung ein. Bis dahin antwortet der Bot aus dem Arbeitsspeicher.", "Name a writable file with --db or MAILHELPBOT_DB, or restore a backup. Until then the bot answers from memory."},
		"db.damaged":     {"sie war beschädigt; sie liegt jetzt als {aside} daneben", "it was damaged; it is kept as {aside}"},
		"db.damaged.do":  {"Eine neue ist angelegt. Spiel eine Sicherung ein, wenn du eine hast, und prüf die Platte.", "A new one was made. Restore a backup if you have one, and check the disk."},
		"db.open":        {"auch andere Benutzer dieses Rechners können sie lesen", "other users of this machine can read it, too"},
		"db.open.do":     {"chmod 600 {path}", "chmod 600 {path}"},

		"disk":         {"Platz auf der Platte: {free} frei unter {path}", "disk space: {free} free below {path}"},
		"disk.full":    {"das reicht nicht lange", "that will not last"},
		"disk.full.do": {"Schaff Platz, oder leg die Datenbank mit MAILHELPBOT_DB woandershin.", "Make room, or move the database with MAILHELPBOT_DB."},

		"kb.shipped":  {"Wissen: das mitgelieferte", "knowledge: what ships with the program"},
		"kb":          {"Wissen aus {path}", "knowledge out of {path}"},
		"kb.wrong":    {"{why}", "{why}"},
		"kb.wrong.do": {"mailhelpbot kb check {path} nennt Datei, Zeile und Abhilfe.", "mailhelpbot kb check {path} lists file, line and remedy."},

		"roots":         {"Zertifizierungsstellen", "CA certificates"},
		"roots.none":    {"es gibt keine: jedes Zertifikat würde als nicht vertrauenswürdig gelten", "there are none: every certificate would be judged untrusted"},
		"roots.none.do": {"Installier das Paket ca-certificates, oder binde /etc/ssl/certs/ca-certificates.crt ein.", "Install the package ca-certificates, or mount /etc/ssl/certs/ca-certificates.crt."},
		"roots.file":    {"{why}", "{why}"},
		"roots.file.do": {"Gib in MAILHELPBOT_PROBE_ROOTS eine lesbare PEM-Datei an.", "Name a readable PEM file in MAILHELPBOT_PROBE_ROOTS."},
	}
}

// networkTexts are about the way out and in.
func networkTexts() map[string]bilingual {
	return map[string]bilingual{
		"dns":           {"Namensauflösung (DNS)", "DNS resolver"},
		"dns.broken":    {"{why}", "{why}"},
		"dns.broken.do": {"Prüf /etc/resolv.conf, die Firewall für Port 53 (UDP und TCP) und MAILHELPBOT_RESOLVER.", "Check /etc/resolv.conf, the firewall for port 53 (UDP and TCP), and MAILHELPBOT_RESOLVER."},

		"ports.unknown":    {"Ports nach draußen: ohne Namensauflösung nicht geprüft", "outbound ports: not checked without a DNS resolver"},
		"port":             {"Port {port} nach draußen", "outbound port {port}"},
		"port.closed":      {"keine Verbindung zu {hosts}", "no connection to {hosts}"},
		"port.closed.do":   {"Gib Port {port} (TCP) in der Firewall dieses Rechners und beim Hoster nach draußen frei. Solange er zu ist, melden Tests Server als nicht erreichbar, die es sind.", "Allow outbound port {port} (TCP) in this machine's firewall and with your hosting provider. While it is closed, tests call servers unreachable that are not."},
		"port.closed25":    {"keine Verbindung zu {hosts}", "no connection to {hosts}"},
		"port.closed25.do": {"Die meisten Hoster sperren Port 25. Das stört nur Tests, die ausdrücklich Port 25 meinen; die Antwort sagt dann, dass es an der Sperre liegt.", "Most hosting providers block port 25. That only matters to tests that ask for port 25; the answer then says that the block is the reason."},

		"clock":         {"Uhr", "clock"},
		"clock.fast":    {"sie geht {off} vor", "it is {off} fast"},
		"clock.fast.do": {"Stell sie nach einem Zeitserver (timedatectl set-ntp true). Mit falscher Uhr gelten Zertifikate als abgelaufen, und signierte Anfragen der Plattformen werden abgelehnt.", "Set it by a time server (timedatectl set-ntp true). With a wrong clock, certificates count as expired and the platforms' signed requests are refused."},
		"clock.slow":    {"sie geht {off} nach", "it is {off} slow"},
		"clock.slow.do": {"Stell sie nach einem Zeitserver (timedatectl set-ntp true). Mit falscher Uhr gelten Zertifikate als noch nicht gültig, und signierte Anfragen der Plattformen werden abgelehnt.", "Set it by a time server (timedatectl set-ntp true). With a wrong clock, certificates count as not yet valid and the platforms' signed requests are refused."},

		"public":           {"öffentliche Adresse {url}", "public address {url}"},
		"public.silent":    {"dahinter lauscht niemand: MAILHELPBOT_HTTP fehlt", "nobody listens behind it: MAILHELPBOT_HTTP is missing"},
		"public.silent.do": {"Setz MAILHELPBOT_HTTP, zum Beispiel auf 127.0.0.1:8080, und leite den Reverse-Proxy dorthin.", "Set MAILHELPBOT_HTTP, for example to 127.0.0.1:8080, and point the reverse proxy there."},
		"public.away":      {"nicht erreichbar: {why}", "out of reach: {why}"},
		"public.away.do":   {"Läuft mailhelpbot serve? Dann prüf DNS, Zertifikat und Reverse-Proxy.", "Is mailhelpbot serve running? Then check DNS, certificate and reverse proxy."},
		"public.other":     {"dort antwortet etwas anderes (Status {status} auf /livez)", "something else answers there (status {status} for /livez)"},
		"public.other.do":  {"Leite den Reverse-Proxy auf MAILHELPBOT_HTTP, ohne den Pfad zu ändern.", "Point the reverse proxy at MAILHELPBOT_HTTP, without changing the path."},
	}
}

// slackTexts are about Slack, and about no platform at all.
func slackTexts() map[string]bilingual {
	return map[string]bilingual{
		"slack":            {"Slack", "Slack"},
		"slack.in":         {"Slack: {bot} in {team}", "Slack: {bot} in {team}"},
		"slack.refused":    {"{why}", "{why}"},
		"slack.refused.do": {"Vergleich die App mit: mailhelpbot manifest slack. Tokens stehen unter „OAuth & Permissions“ (xoxb-) und „Basic Information“ (xapp-).", "Compare the app with: mailhelpbot manifest slack. Tokens are under “OAuth & Permissions” (xoxb-) and “Basic Information” (xapp-)."},
		"slack.scopes":     {"diese Berechtigungen (Scopes) fehlen: {list}", "these scopes are missing: {list}"},
		"slack.scopes.do":  {"Trag sie unter „OAuth & Permissions“ ein, oder füg die Ausgabe von mailhelpbot manifest slack unter „App Manifest“ ein. Danach die App neu installieren.", "Add them under “OAuth & Permissions”, or paste the output of mailhelpbot manifest slack under “App Manifest”. Then install the app again."},

		"terminal": {"Chat-Plattformen: keine eingerichtet, der Bot spricht im Terminal", "chat platforms: none configured, the chat in the terminal is used"},
	}
}

// discordTexts are about Discord.
func discordTexts() map[string]bilingual {
	return map[string]bilingual{
		"discord":             {"Discord", "Discord"},
		"discord.in":          {"Discord: {bot} auf {guilds} Servern", "Discord: {bot} on {guilds} servers"},
		"discord.refused":     {"{why}", "{why}"},
		"discord.refused.do":  {"Prüf DISCORD_TOKEN im Entwicklerportal (Bot, Reset Token), das Netz und DISCORD_API_URL.", "Check DISCORD_TOKEN in the developer portal (Bot, Reset Token), the network, and DISCORD_API_URL."},
		"discord.key":         {"DISCORD_PUBLIC_KEY gehört zu einer anderen App: Discords Anfragen würden abgelehnt", "DISCORD_PUBLIC_KEY belongs to another app: Discord's requests would be refused"},
		"discord.key.do":      {"Kopier „Public Key“ aus dem Entwicklerportal (General Information).", "Copy “Public Key” from the developer portal (General Information)."},
		"discord.endpoint":    {"Befehle gehen an {url}, nicht an das Gateway: der Bot sieht sie nicht", "commands go to {url} instead of the gateway: the bot does not see them"},
		"discord.endpoint.do": {"Leer im Entwicklerportal „Interactions Endpoint URL“, oder setz DISCORD_PUBLIC_KEY und MAILHELPBOT_HTTP.", "Empty “Interactions Endpoint URL” in the developer portal, or set DISCORD_PUBLIC_KEY and MAILHELPBOT_HTTP."},
		"discord.sessions":    {"heute sind nur noch {left} Anmeldungen übrig", "only {left} sessions may still be begun today"},
		"discord.sessions.do": {"Der Bot verbindet sich ständig neu, oder das Token wird noch woanders benutzt. Sind es nur noch zehn, meldet er sich bis zum nächsten Tag nicht mehr neu an, sonst würde Discord das Token sperren. Sieh ins Log; ein neues Token sperrt andere aus.", "The bot reconnects over and over, or the token is used elsewhere, too. From ten on it begins none before the next day, as Discord would reset the token. Look into the log; a new token locks others out."},
		"shards":              {"Discord-Verbindungen (Shards): {wanted} empfohlen; heute noch mögliche Anmeldungen: {left}; gerade läuft kein Prozess", "Discord connections (shards): {wanted} recommended; sessions left today: {left}; no process runs now"},
		"shards.run":          {"Discord-Verbindungen (Shards): {count}; laufende Prozesse: {processes}; heute noch mögliche Anmeldungen: {left}", "Discord connections (shards): {count}; processes running: {processes}; sessions left today: {left}"},
		"shards.run.away":     {"nicht verbunden: {away} von {count}", "not connected: {away} of {count}"},
		"shards.run.away.do":  {"Kurz nach dem Start ist das normal: Discord lässt alle fünf Sekunden eine Anmeldung zu. Bleibt es dabei, sagt das Log des Bots, woran es liegt.", "That is normal just after a start: Discord allows one session every five seconds. If it stays so, the bot's log says why."},
		"discord.server":      {"auf dem Server „{guild}“ fehlt dem Bot überall: {list}", "on the server “{guild}” the bot lacks everywhere: {list}"},
		"discord.server.do":   {"Gib der Rolle des Bots diese Rechte (Servereinstellungen, Rollen), oder lad ihn mit dem Link aus der README neu ein.", "Give the bot's role these permissions (server settings, roles), or invite it again with the link in the README."},
		"discord.channel":     {"im Kanal #{channel} von „{guild}“ fehlt dem Bot: {list}", "in the channel #{channel} of “{guild}” the bot lacks: {list}"},
		"discord.channel.do":  {"Wenn er dort antworten soll: Kanal bearbeiten, Berechtigungen, Rolle des Bots.", "If it is to answer there: edit the channel, permissions, the bot's role."},
		"discord.alone":       {"der Bot ist auf keinem Server", "the bot is on no server"},
		"discord.alone.do":    {"Lad ihn ein: {link}", "Invite it: {link}"},
		"discord.content":     {"„Message Content Intent“ ist aus", "“Message Content Intent” is off"},
		"discord.content.do":  {"Nur wer ungefragte Antworten will, schaltet es im Entwicklerportal ein (Bot, Privileged Gateway Intents). Alles andere geht ohne.", "Switch it on in the developer portal (Bot, Privileged Gateway Intents) only for unprompted replies. All else works without."},
	}
}
