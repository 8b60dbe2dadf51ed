package fakediscord

// An archived thread takes no edits, removals or reactions; a message opens it
// again unless it is locked, and so does whoever may write there and sets
// archived to false. What stands in a locked thread can be changed by those
// alone who may manage threads. See
// docs.discord.com/developers/topics/threads and, for what may be changed,
// github.com/discord/discord-api-docs pull requests 2855 and 3108; read on
// 2026-11-28.

var errLocked = &apiError{Status: 403, Code: 160005, Message: "This thread is locked"}

// mayWrite says whether a thread takes a new message, which opens it again.
func (c *Channel) mayWrite() *apiError {
	switch {
	case c.Metadata == nil:
	case c.Metadata.Locked && c.Metadata.Archived:
		return errArchived
	case c.Metadata.Locked:
		return errLocked
	default:
		c.Metadata.Archived = false
	}
	return nil
}

// mayChange says whether a message in a channel can be edited or removed.
func (c *Channel) mayChange() *apiError {
	switch {
	case c == nil || c.Metadata == nil:
	case c.Metadata.Archived:
		return errArchived
	case c.Metadata.Locked:
		return errLocked
	}
	return nil
}

// patchChannel is PATCH /channels/{channel}, of which it knows what opens a thread again.
func (s *Server) patchChannel(r *request) (any, *apiError) {
	var body struct {
		Archived *bool `json:"archived"`
	}
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[r.PathValue("channel")]
	switch {
	case c == nil:
		return nil, errUnknownChannel
	case c.Metadata == nil || body.Archived == nil:
		return nil, errNotOnThisChannel
	case *body.Archived || c.Metadata.Locked:
		return nil, errMissingPermission // the bot may not manage threads
	}
	if err := s.may(c, PermSendMessagesInThreads); err != nil {
		return nil, err
	}
	c.Metadata.Archived = false
	s.dispatch(c.GuildID, intentGuilds, "THREAD_UPDATE", c)
	return c, nil
}

// Lock locks a thread that is not archived.
func (s *Server) Lock(threadID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[threadID]
	c.Metadata.Locked = true
	s.dispatch(c.GuildID, intentGuilds, "THREAD_UPDATE", c)
}
