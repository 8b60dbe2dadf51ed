package fakediscord

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gorilla/websocket"
)

// Gateway opcodes and close codes
// (discord.com/developers/docs/topics/opcodes-and-status-codes).
const (
	opDispatch       = 0
	opHeartbeat      = 1
	opIdentify       = 2
	opResume         = 6
	opReconnect      = 7
	opInvalidSession = 9
	opHello          = 10
	opAck            = 11

	closeUnknownOp        = 4001
	closeDecode           = 4002
	closeNotAuthorised    = 4003
	closeBadToken         = 4004
	closeAlreadyAuth      = 4005
	closeBadSeq           = 4007
	closeBadShard         = 4010
	closeShardingRequired = 4011
	closeBadIntents       = 4013
	closeDisallowed       = 4014
)

// Intents (discord.com/developers/docs/events/gateway#gateway-intents).
const (
	intentGuilds         = 1 << 0
	intentGuildMembers   = 1 << 1
	intentPresences      = 1 << 8
	intentGuildMessages  = 1 << 9
	intentDirectMessages = 1 << 12
	intentContent        = 1 << 15
	allIntents           = 1<<22 - 1 | 1<<24 | 1<<25
)

type gatewayState struct {
	sessions   map[string]*session
	identified []Identify
	starts     startLimit
	shards     int // what GET /gateway/bot recommends
	doubled    int
	resumed    int
	beats      int
}

// session outlives its connections, so that RESUME can replay.
type session struct {
	id      string
	intents int
	shard   shard
	seq     int
	events  [][]byte // events[i] has the sequence number i+1
	forget  bool     // keeps no events
	conn    *conn    // nil while nobody is connected
}

// conn writes in a goroutine of its own, so that dispatch never waits.
type conn struct {
	ws   *websocket.Conn
	out  chan outFrame
	gone chan struct{}
	sess *session
}

type outFrame struct {
	data  []byte
	close int // a close frame with this code; -1 cuts the connection
}

type packet struct {
	Op int             `json:"op"`
	D  json.RawMessage `json:"d"`
	S  *int            `json:"s"`
	T  *string         `json:"t"`
}

func encode(op int, d any, seq *int, kind *string) []byte {
	raw, err := json.Marshal(d)
	if err != nil {
		panic("fakediscord: " + err.Error())
	}
	out, _ := json.Marshal(packet{op, raw, seq, kind})
	return out
}

func (s *Server) serveGateway(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &conn{ws: ws, out: make(chan outFrame, 4096), gone: make(chan struct{})}
	go c.write()
	c.send(encode(opHello, map[string]any{"heartbeat_interval": s.opts.HeartbeatInterval.Milliseconds()}, nil, nil))
	ended := false // the client said goodbye for good
	for {
		_, data, err := ws.ReadMessage()
		if err != nil {
			ended = websocket.IsCloseError(err, websocket.CloseNormalClosure, websocket.CloseGoingAway)
			break
		}
		var p packet
		if json.Unmarshal(data, &p) != nil {
			c.end(closeDecode)
			continue
		}
		s.mu.Lock()
		s.receive(c, p)
		s.touch()
		s.mu.Unlock()
	}
	close(c.gone)
	ws.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.sess != nil && c.sess.conn == c {
		c.sess.conn = nil
		if ended {
			delete(s.gateway.sessions, c.sess.id)
		}
	}
	s.touch()
}

func (c *conn) write() {
	for {
		select {
		case f := <-c.out:
			switch {
			case f.close == 0:
				c.ws.WriteMessage(websocket.TextMessage, f.data)
				continue
			case f.close > 0:
				c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(f.close, closeText[f.close]), time.Now().Add(time.Second))
			}
			c.ws.Close()
			return
		case <-c.gone:
			return
		}
	}
}

var closeText = map[int]string{
	closeUnknownOp: "Unknown opcode.", closeDecode: "Error while decoding payload.", closeNotAuthorised: "Not authenticated.",
	closeBadToken: "Authentication failed.", closeAlreadyAuth: "Already authenticated.", closeBadSeq: "Invalid seq.",
	4008: "Rate limited.", 4009: "Session timed out.", closeBadShard: "Invalid shard.", closeShardingRequired: "Sharding required.", 4012: "Invalid API version.",
	closeBadIntents: "Invalid intent(s).", closeDisallowed: "Disallowed intent(s).",
}

func (c *conn) send(data []byte) {
	select {
	case c.out <- outFrame{data: data}:
	case <-c.gone:
	}
}

func (c *conn) end(code int) {
	select {
	case c.out <- outFrame{close: code}:
	case <-c.gone:
	}
}

// receive handles one payload of a client; s.mu is held.
func (s *Server) receive(c *conn, p packet) {
	switch p.Op {
	case opHeartbeat:
		s.gateway.beats++
		c.send(encode(opAck, nil, nil, nil))
	case opIdentify:
		s.identify(c, p.D)
	case opResume:
		s.resume(c, p.D)
	case 3, 4, 8, 31:
		if c.sess == nil {
			c.end(closeNotAuthorised)
		}
	default:
		c.end(closeUnknownOp)
	}
}

func (s *Server) identify(c *conn, d json.RawMessage) {
	var id struct {
		Token   string `json:"token"`
		Intents *int   `json:"intents"`
		Shard   []int  `json:"shard"`
	}
	if json.Unmarshal(d, &id) != nil || id.Intents == nil {
		c.end(closeDecode)
		return
	}
	part, ok := shardOf(id.Shard)
	early := s.note(part)
	switch {
	case c.sess != nil:
		c.end(closeAlreadyAuth)
	case id.Token != s.Token && id.Token != "Bot "+s.Token:
		c.end(closeBadToken)
	case s.spend() < 0:
		s.resetToken()
		c.end(closeBadToken)
	case !ok:
		c.end(closeBadShard)
	case *id.Intents&^allIntents != 0 || *id.Intents < 0:
		c.end(closeBadIntents)
	case *id.Intents&(intentGuildMembers|intentPresences) != 0 || *id.Intents&intentContent != 0 && !s.opts.MessageContent:
		c.end(closeDisallowed)
	case early:
		c.send(encode(opInvalidSession, false, nil, nil))
	case s.guildsOf(part) > s.opts.GuildsPerShard:
		c.end(closeShardingRequired)
	default:
		s.start(c, *id.Intents, part)
	}
}

// start makes a session and sends READY and the guilds.
func (s *Server) start(c *conn, intents int, part shard) {
	sess := &session{id: "session" + strconv.Itoa(len(s.gateway.identified)), intents: intents, shard: part, conn: c, forget: s.opts.Quiet}
	for _, x := range s.gateway.sessions {
		if x.shard == part && x.conn != nil {
			s.gateway.doubled++
		}
	}
	s.gateway.sessions[sess.id] = sess
	c.sess = sess
	guilds := []map[string]any{}
	for id := range s.guilds {
		if !part.has(id) {
			continue
		}
		guilds = append(guilds, map[string]any{"id": id, "unavailable": true})
	}
	sess.emit("READY", map[string]any{
		"v": 10, "user": s.Bot, "guilds": guilds, "session_id": sess.id, "session_type": "normal",
		"resume_gateway_url": s.gatewayURL(), "shard": part, "private_channels": []any{}, "presences": []any{}, "relationships": []any{},
		"application": map[string]any{"id": s.AppID, "flags": 0},
	})
	if intents&intentGuilds != 0 {
		for id, g := range s.guilds {
			if !part.has(id) {
				continue
			}
			sess.emit("GUILD_CREATE", s.guildJSON(g))
		}
	}
}

// resume replays what a session missed.
func (s *Server) resume(c *conn, d json.RawMessage) {
	var r struct {
		Token   string `json:"token"`
		Session string `json:"session_id"`
		Seq     int    `json:"seq"`
	}
	if json.Unmarshal(d, &r) != nil {
		c.end(closeDecode)
		return
	}
	sess := s.gateway.sessions[r.Session]
	switch {
	case r.Token != s.Token && r.Token != "Bot "+s.Token:
		c.end(closeBadToken)
	case sess == nil:
		c.send(encode(opInvalidSession, false, nil, nil))
	case r.Seq > sess.seq || sess.forget:
		c.end(closeBadSeq)
	default:
		if sess.conn != nil {
			sess.conn.end(-1)
		}
		sess.conn, c.sess = c, sess
		s.gateway.resumed++
		for _, e := range sess.events[r.Seq:] {
			c.send(e)
		}
		sess.emit("RESUMED", map[string]any{})
	}
}

// emit numbers an event, keeps it for a resume, and sends it.
func (x *session) emit(kind string, d any) {
	x.seq++
	seq := x.seq
	data := encode(opDispatch, d, &seq, &kind)
	if !x.forget {
		x.events = append(x.events, data)
	}
	if x.conn != nil {
		x.conn.send(data)
	}
}

// dispatch sends an event of a guild, or of none, to the sessions with its shard
// and the intent, or whatever the intent if it is 0; s.mu is held.
func (s *Server) dispatch(guild string, intent int, kind string, d any) {
	for _, x := range s.gateway.sessions {
		if !x.shard.has(guild) {
			continue
		}
		if intent == 0 || x.intents&intent != 0 {
			x.emit(kind, d)
		}
	}
}

func (s *Server) messageIntent(channelID string) int {
	if c := s.channels[channelID]; c != nil && c.Type == ChannelDM {
		return intentDirectMessages
	}
	return intentGuildMessages
}

// dispatchMessage sends a message event. Without the message-content intent
// what was said is left out, except in direct messages, in the bot's own
// messages, and in those that mention it.
func (s *Server) dispatchMessage(kind string, m *Message) {
	kindOf := ChannelText
	if c := s.channels[m.ChannelID]; c != nil {
		kindOf = c.Type
	}
	mentioned := slices.ContainsFunc(m.Mentions, func(u User) bool { return u.ID == s.Bot.ID })
	for _, x := range s.gateway.sessions {
		if x.intents&s.messageIntent(m.ChannelID) == 0 || !x.shard.has(m.GuildID) {
			continue
		}
		out := m.clone()
		if x.intents&intentContent == 0 && m.GuildID != "" && m.Author.ID != s.Bot.ID && !mentioned {
			out.Content, out.Embeds, out.Attachments, out.Components = "", []Embed{}, []Attachment{}, []Component{}
		}
		var member map[string]any
		if g := s.guilds[m.GuildID]; g != nil && m.WebhookID == "" {
			member = g.memberJSON(nil, m.Author.ID, false)
		}
		x.emit(kind, struct { // clients need the type of a direct conversation that they do not know yet
			Message
			ChannelType int            `json:"channel_type"`
			Member      map[string]any `json:"member,omitempty"`
		}{out, kindOf, member})
	}
}

// each runs f on every connection.
func (s *Server) each(f func(*conn)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.gateway.sessions {
		if x.conn != nil {
			f(x.conn)
		}
	}
}

// Connected says whether a session is connected.
func (s *Server) Connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.gateway.sessions {
		if x.conn != nil {
			return true
		}
	}
	return false
}

// Identifies is how many IDENTIFYs came in.
func (s *Server) Identifies() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.gateway.identified)
}

// Resumes is how many connections took up a session again.
func (s *Server) Resumes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gateway.resumed
}

// Heartbeats is how many heartbeats came in.
func (s *Server) Heartbeats() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gateway.beats
}

// Drop cuts all gateway connections without a word; sessions can be resumed.
func (s *Server) Drop() { s.each(func(c *conn) { c.end(-1) }) }

// CloseGateway closes all gateway connections with a code.
func (s *Server) CloseGateway(code int) { s.each(func(c *conn) { c.end(code) }) }

// AskReconnect sends RECONNECT (op 7).
func (s *Server) AskReconnect() { s.each(func(c *conn) { c.send(encode(opReconnect, nil, nil, nil)) }) }

// InvalidateSessions forgets all sessions and tells the clients (op 9). With
// resumable true it only tells them to resume.
func (s *Server) InvalidateSessions(resumable bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, x := range s.gateway.sessions {
		if x.conn != nil {
			x.conn.send(encode(opInvalidSession, resumable, nil, nil))
		}
		if resumable {
			continue
		}
		if x.conn != nil {
			x.conn.sess = nil
		}
		delete(s.gateway.sessions, id)
	}
}

// SetToken changes the bot's token, as a reset in the developer portal does.
func (s *Server) SetToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Token = token
}
