package fakediscord

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options set up a Server; the zero value is a good server.
type Options struct {
	// Clock is the time that deadlines, buckets and snowflakes go by; nil is the real one.
	Clock *Clock
	// MessageContent says that the app may ask for the message-content
	// intent; if not, asking for it closes the gateway with 4014.
	MessageContent bool
	// Buckets are the rate limits; nil means DefaultBuckets.
	Buckets []Bucket
	// GlobalPerSecond is the limit for all requests together; 0 means 50,
	// which is Discord's, less than 0 that there is none.
	GlobalPerSecond int
	// Quiet keeps no list of requests and no events for a resume, for long runs.
	Quiet bool
	// Slow is how long a request takes that posts or edits a message, in real
	// time; the first response to an interaction is never slow.
	Slow time.Duration
	// MaxConcurrency is how many rate-limit keys IDENTIFYs have; 0 means 1.
	MaxConcurrency int
	// GuildsPerShard is how many servers one shard may have before its session
	// is refused with 4011; 0 means 2500.
	GuildsPerShard int
	// Identifies is how many a day Discord allows; 0 means 1000.
	Identifies int
	// HeartbeatInterval is what HELLO announces; 0 means 41.25 s.
	HeartbeatInterval time.Duration
	// Addr is where to listen; "" means a free port of 127.0.0.1.
	Addr string
}

// Server is a running fake.
type Server struct {
	URL       string // what stands in the place of https://discord.com/, with a slash at the end
	Token     string // the bot's token, without "Bot "
	AppID     string
	Bot       User
	PublicKey ed25519.PublicKey

	opts    Options
	http    *httptest.Server
	private ed25519.PrivateKey

	mu        sync.Mutex
	changed   chan struct{} // closed at each change, for Await
	lastID    uint64
	sent      int // messages that the bot made
	users     map[string]User
	guilds    map[string]*guild
	channels  map[string]*Channel
	messages  map[string][]*Message // by channel, oldest first
	nonces    map[string]nonceEntry
	commands  []Command
	calls     map[string]*Interaction // by id
	log       []Request
	faults    []*Fault
	buckets   map[string]*bucketState
	global    []time.Time // requests of the last second
	blocked   time.Time   // all requests get a global 429 until then
	gateway   gatewayState
	endpoint  string // where HTTP interactions go, "" = over the gateway
	receipts  []Receipt
	closedDMs map[string]bool
}

type guild struct {
	ID       string
	Name     string
	Locale   string
	OwnerID  string
	Channels []string
	Roles    []Role              // the first is @everyone, which has the guild's id
	Members  map[string][]string // roles of people who have some
}

type nonceEntry struct {
	msg *Message
	at  time.Time
}

// New starts a server; it panics when it cannot listen, as httptest does.
func New(opts Options) *Server {
	if opts.HeartbeatInterval == 0 {
		opts.HeartbeatInterval = 41250 * time.Millisecond
	}
	if opts.GlobalPerSecond == 0 {
		opts.GlobalPerSecond = globalPerSecond
	}
	opts.MaxConcurrency = max(opts.MaxConcurrency, 1)
	opts.GuildsPerShard = cmp.Or(opts.GuildsPerShard, guildsPerShard)
	opts.Identifies = cmp.Or(opts.Identifies, identifiesPerDay)
	if opts.Buckets == nil {
		opts.Buckets = DefaultBuckets()
	}
	s := &Server{
		opts: opts, changed: make(chan struct{}), users: map[string]User{}, guilds: map[string]*guild{},
		channels: map[string]*Channel{}, messages: map[string][]*Message{}, nonces: map[string]nonceEntry{},
		calls: map[string]*Interaction{}, buckets: map[string]*bucketState{}, closedDMs: map[string]bool{},
		gateway: gatewayState{sessions: map[string]*session{}, shards: 1, starts: startLimit{left: opts.Identifies}},
	}
	s.private = ed25519.NewKeyFromSeed([]byte("fakediscord-signs-with-this-seed"))
	s.PublicKey = s.private.Public().(ed25519.PublicKey)
	s.AppID = s.nextID()
	s.Bot = User{ID: s.nextID(), Username: "mailhelp", Discriminator: "0000", Bot: true}
	s.users[s.Bot.ID] = s.Bot
	s.Token = "MTIzNDU2.fake.token"
	s.http = httptest.NewUnstartedServer(s.routes())
	if opts.Addr != "" {
		l, err := net.Listen("tcp", opts.Addr)
		if err != nil {
			panic("fakediscord: " + err.Error())
		}
		s.http.Listener.Close()
		s.http.Listener = l
	}
	s.http.Start()
	s.URL = s.http.URL + "/"
	return s
}

// Close ends all connections and stops listening.
func (s *Server) Close() {
	s.Drop()
	s.http.CloseClientConnections()
	s.http.Close()
}

// ServeHTTP lets the server be reached through another listener.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.http.Config.Handler.ServeHTTP(w, r)
}

func (s *Server) now() time.Time {
	if s.opts.Clock != nil {
		return s.opts.Clock.Now()
	}
	return time.Now()
}

// epoch is when snowflakes begin: the first second of 2015.
const epoch = 1420070400000

// nextID makes a snowflake; they grow with time and never repeat.
func (s *Server) nextID() string {
	id := uint64(s.now().UnixMilli()-epoch) << 22
	if id <= s.lastID {
		id = s.lastID + 1
	}
	s.lastID = id
	return strconv.FormatUint(id, 10)
}

// touch tells all that wait that something changed; s.mu is held.
func (s *Server) touch() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Await returns nil as soon as cond holds. It looks again after each change
// of the server's state, so cond should only ask the server.
func (s *Server) Await(ctx context.Context, cond func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if cond() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// AddUser makes a person whose client is set to locale.
func (s *Server) AddUser(name, locale string) User {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := User{ID: s.nextID(), Username: name, Discriminator: "0", Locale: locale}
	s.users[u.ID] = u
	return u
}

// AddBot makes another bot.
func (s *Server) AddBot(name string) User {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := User{ID: s.nextID(), Username: name, Discriminator: "0000", Bot: true, Locale: "en-US"}
	s.users[u.ID] = u
	return u
}

// AddGuild makes a server that the bot is in, and returns its id. Bots that
// are connected learn of it.
func (s *Server) AddGuild(name, locale string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := &guild{ID: s.nextGuildID(), Name: name, Locale: locale, Members: map[string][]string{}}
	g.OwnerID = g.ID
	g.Roles = []Role{{ID: g.ID, Name: "@everyone", Permissions: strconv.FormatUint(everyone, 10)}}
	s.guilds[g.ID] = g
	s.dispatch(g.ID, intentGuilds, "GUILD_CREATE", s.guildJSON(g))
	return g.ID
}

// AddChannel makes a text channel and returns its id.
func (s *Server) AddChannel(guildID, name string) string {
	return s.addChannel(guildID, name, ChannelText)
}

// AddForum makes a forum and returns its id.
func (s *Server) AddForum(guildID, name string) string {
	return s.addChannel(guildID, name, ChannelForum)
}

func (s *Server) addChannel(guildID, name string, kind int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &Channel{ID: s.nextID(), Type: kind, GuildID: guildID, Name: name, Overwrites: []struct{}{}}
	s.channels[c.ID] = c
	s.guilds[guildID].Channels = append(s.guilds[guildID].Channels, c.ID)
	s.dispatch(guildID, intentGuilds, "CHANNEL_CREATE", c)
	return c.ID
}

// OpenDM returns the direct conversation of a person with the bot.
func (s *Server) OpenDM(u User) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dm(u).ID
}

func (s *Server) dm(u User) *Channel {
	for _, c := range s.channels {
		if c.Type == ChannelDM && c.Recipients[0].ID == u.ID {
			return c
		}
	}
	c := &Channel{ID: s.nextID(), Type: ChannelDM, Recipients: []User{u}}
	s.channels[c.ID] = c
	return c
}

// CloseDMs makes a person accept no direct messages (error 50007).
func (s *Server) CloseDMs(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closedDMs[u.ID] = true
}

// StartThread opens a thread of a person's own in a text channel.
func (s *Server) StartThread(u User, channelID, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newThread(s.nextID(), s.channels[channelID], name, u.ID).ID
}

// newThread makes a thread; s.mu is held.
func (s *Server) newThread(id string, parent *Channel, name, owner string) *Channel {
	t := &Channel{
		ID: id, Type: ChannelThread, GuildID: parent.GuildID, Name: name, ParentID: parent.ID, OwnerID: owner,
		Metadata: &ThreadMetadata{AutoArchiveDuration: 1440, ArchiveTimestamp: s.now()}, Overwrites: []struct{}{},
	}
	if owner == s.Bot.ID {
		s.join(t)
	}
	s.channels[id] = t
	s.dispatch(t.GuildID, intentGuilds, "THREAD_CREATE", struct {
		*Channel
		New bool `json:"newly_created"`
	}{t, true})
	return t
}

func (s *Server) join(t *Channel) {
	if t.Member == nil {
		t.Member = &ThreadMember{ID: t.ID, User: s.Bot.ID, Join: s.now()}
	}
}

// Archive archives a thread; a locked one cannot be written to by the bot.
func (s *Server) Archive(threadID string, locked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[threadID]
	c.Metadata.Archived, c.Metadata.Locked = true, locked
	s.dispatch(c.GuildID, intentGuilds, "THREAD_UPDATE", c)
}

// DeleteChannel removes a channel or thread with all that stands in it.
func (s *Server) DeleteChannel(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[id]
	delete(s.channels, id)
	delete(s.messages, id)
	event := "CHANNEL_DELETE"
	if c.Type == ChannelThread {
		event = "THREAD_DELETE"
	}
	s.dispatch(c.GuildID, intentGuilds, event, c)
}

// Channel returns a channel as it is now.
func (s *Server) Channel(id string) (Channel, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.channels[id]
	if !ok {
		return Channel{}, false
	}
	return *c, true
}

// Threads are the threads of a channel or forum, oldest first.
func (s *Server) Threads(parentID string) []Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Channel
	for _, c := range s.channels {
		if c.ParentID == parentID {
			out = append(out, *c)
		}
	}
	slices.SortFunc(out, func(a, b Channel) int { return strings.Compare(pad(a.ID), pad(b.ID)) })
	return out
}

func pad(id string) string { return strings.Repeat("0", 20-len(id)) + id }

// Messages are what stands in a channel, oldest first, ephemeral ones included.
func (s *Server) Messages(channelID string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, m := range s.messages[channelID] {
		out = append(out, m.clone())
	}
	return out
}

// FromBot are the messages of the bot in a channel, oldest first.
func (s *Server) FromBot(channelID string) []Message {
	return slices.DeleteFunc(s.Messages(channelID), func(m Message) bool { return m.Author.ID != s.Bot.ID || m.Type == 18 })
}

// Message returns a message as it is now.
func (s *Server) Message(id string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.findMessage("", id); m != nil {
		return m.clone(), true
	}
	return Message{}, false
}

// findMessage looks in one channel, or in all.
func (s *Server) findMessage(channelID, id string) *Message {
	for c, list := range s.messages {
		if channelID != "" && c != channelID {
			continue
		}
		for _, m := range list {
			if m.ID == id {
				return m
			}
		}
	}
	return nil
}

// Commands are the registered application commands.
func (s *Server) Commands() []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.commands)
}

// Sent is how many messages the bot made, responses to interactions included.
func (s *Server) Sent() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent
}

// Requests are all REST calls so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// Count is how many REST calls matched a method and the start of a path, e.g.
// "POST", "/channels/".
func (s *Server) Count(method, prefix string) int {
	n := 0
	for _, r := range s.Requests() {
		if r.Method == method && strings.HasPrefix(r.Path, prefix) {
			n++
		}
	}
	return n
}
