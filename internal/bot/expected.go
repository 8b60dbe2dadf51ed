package bot

import "slices"

// serverTopics are the errors that a wrong server, port or encryption causes:
// whoever has one compares what is set up with what the provider wants.
var serverTopics = []string{
	"connection-failed-generic", "connection-timeout", "connection-refused", "connection-dropped", "server-not-found",
	"ssl-vs-starttls", "tls-handshake-failed", "send-failed-generic", "receive-failed-generic", "smtp-auth-required",
	"relay-denied", "timeout-blocked-port-25", "hostname-mismatch",
}

// expected names the servers of the provider that an error is about, the first
// one of each protocol, so that the answer is about this provider and not about
// any; nil when the provider is unknown or the error has another reason.
func (v *view) expected(topic string, q query) []Block {
	if q.Provider == nil || !slices.Contains(serverTopics, topic) {
		return nil
	}
	line := []Span{T(v.say("error.servers", "name", q.Name))}
	list := briefly(servers(q), q.Protocols)
	if len(list) == 0 {
		return nil
	}
	for i, s := range list {
		if i > 0 {
			line = append(line, T("; "))
		}
		line = append(line, T(protocolName(s.Protocol)+" "), Code(s.Host), T(", "+v.say("settings.port")+" "), Code(portString(s.Port)), T(", "+v.security(s.Security)))
	}
	return []Block{Paragraph{Spans(append(line, T("."))...)}}
}
