package discord

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxSkew is how far the time stamp of a signed request may be off; an older
// one may be a replay.
const maxSkew = 5 * time.Minute

// maxRequest is more than the largest interaction: a message command carries a
// message of at most 4000 characters with its embeds.
const maxRequest = 1 << 20

// Interactions serves the app's Interactions Endpoint URL: the alternative to
// receiving interactions over the gateway. Both lead to the same answers;
// messages and mentions come over the gateway in any case.
//
// It answers 401 to what is not signed with the app's key or is older than
// five minutes, without reading it; Discord tests that. It answers 503 while
// the adapter is not running, and 404 when there is no public key.
func (a *Adapter) Interactions() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(a.key) == 0 {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "POST only", http.StatusMethodNotAllowed)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
		if err != nil {
			http.Error(w, "body too large or broken", http.StatusRequestEntityTooLarge)
			return
		}
		if !a.signed(r.Header, body) {
			http.Error(w, "invalid request signature", http.StatusUnauthorized)
			return
		}
		var in interaction
		if err := json.Unmarshal(body, &in); err != nil {
			http.Error(w, "not an interaction", http.StatusBadRequest)
			return
		}
		if in.Type == interactionPing {
			writeResponse(w, response{Type: respondPong})
			return
		}
		in.raw = body
		a.serveInteraction(w, r, in)
	})
}

// signed checks the signature and its age
// (discord.com/developers/docs/interactions/overview#setting-up-an-endpoint-validating-security-request-headers).
func (a *Adapter) signed(h http.Header, body []byte) bool {
	stamp := h.Get("X-Signature-Timestamp")
	sig, err := hex.DecodeString(h.Get("X-Signature-Ed25519"))
	if err != nil || len(sig) != ed25519.SignatureSize || !ed25519.Verify(a.key, append([]byte(stamp), body...), sig) {
		return false
	}
	at, err := strconv.ParseInt(stamp, 10, 64)
	return err == nil && a.clock.now().Sub(time.Unix(at, 0)).Abs() <= maxSkew
}

// serveInteraction answers the request with the first response to the
// interaction; all that follows is the same as over the gateway.
func (a *Adapter) serveInteraction(w http.ResponseWriter, r *http.Request, in interaction) {
	first := make(chan response)
	written := make(chan struct{})
	ended := make(chan struct{})
	respond := func(ctx context.Context, resp response) error {
		select {
		case first <- resp:
			<-written
			return nil
		case <-r.Context().Done():
			return errors.New("discord: the request ended before the response")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	started := a.goJob(func(act activity) {
		defer close(ended)
		a.interaction(act, in, respond)
	})
	if !started {
		http.Error(w, "not running", http.StatusServiceUnavailable)
		return
	}
	select {
	case resp := <-first:
		writeResponse(w, resp)
		close(written)
	case <-ended: // seen before, or of no known kind
		http.Error(w, "already answered", http.StatusConflict)
	case <-r.Context().Done():
	}
}

func writeResponse(w http.ResponseWriter, resp response) {
	data, err := json.Marshal(resp)
	if err != nil { // a response holds nothing that JSON cannot
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.Write(data) // whether it arrives shows in the calls that follow
	http.NewResponseController(w).Flush()
}
