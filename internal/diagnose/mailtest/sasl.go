package mailtest

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/xdg-go/scram"
)

// sasl runs a login: args is the mechanism and perhaps an initial response.
func (v *conv) sasl(args, prefix, yes, no string) error {
	mech, ir, hasIR := strings.Cut(args, " ")
	if err := v.fault(StageAuth); err != nil {
		return err
	}
	ok, err := v.mechanism(strings.ToUpper(mech), ir, hasIR)
	if err != nil {
		return err
	}
	return v.verdict(ok, prefix, yes, no)
}

// verdict answers a login and counts it.
func (v *conv) verdict(ok bool, prefix, yes, no string) error {
	v.logins.Add(1)
	if v.opts.Accept != "" {
		yes = v.opts.Accept
	}
	if v.opts.Refuse != "" {
		no = v.opts.Refuse
	}
	if ok {
		return v.say(StageAuth, prefix+yes)
	}
	v.failed.Add(1)
	return v.say(StageAuth, prefix+no)
}

func (v *conv) check(user, password string) bool {
	want, ok := v.opts.Users[user]
	return ok && want == password
}

// apop reports whether an APOP login (RFC 1939 section 7) is right.
func (v *conv) apop(args string) bool {
	user, digest, _ := strings.Cut(args, " ")
	stamp := v.opts.Greeting[strings.IndexByte(v.opts.Greeting, '<')+1:]
	stamp, _, ok := strings.Cut(stamp, ">")
	password, known := v.opts.Users[user]
	sum := md5.Sum([]byte("<" + stamp + ">" + password))
	return ok && known && digest == hex.EncodeToString(sum[:])
}

// ask sends a challenge and returns the decoded response.
func (v *conv) ask(challenge string) (string, error) {
	cont := "+ "
	if v.opts.Protocol == "smtp" {
		cont = "334 "
	}
	if err := v.say("", cont+base64.StdEncoding.EncodeToString([]byte(challenge))); err != nil {
		return "", err
	}
	line, err := v.line()
	if err != nil || line == "*" {
		return "", errEnd
	}
	b, err := base64.StdEncoding.DecodeString(line)
	return string(b), err
}

// mechanism reports whether the login is right.
func (v *conv) mechanism(mech, ir string, hasIR bool) (bool, error) {
	first := func() (string, error) {
		if !hasIR {
			return v.ask("")
		}
		b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(ir, "="))
		return string(b), err
	}
	switch {
	case mech == "PLAIN":
		s, err := first()
		part := strings.Split(s, "\x00")
		return len(part) == 3 && v.check(part[1], part[2]), err
	case mech == "LOGIN":
		user, err := v.ask("User Name")
		if err != nil {
			return false, err
		}
		pass, err := v.ask("Password:")
		return v.check(user, pass), err
	case mech == "CRAM-MD5":
		return v.cram()
	case mech == "XOAUTH2", mech == "OAUTHBEARER":
		s, err := first()
		if err != nil || v.token(s) {
			return err == nil, err
		}
		_, err = v.ask(`{"status":"invalid_token","schemes":"bearer"}`)
		return false, err
	case strings.HasPrefix(mech, "SCRAM-"):
		s, err := first()
		if err != nil {
			return false, err
		}
		return v.scram(mech, s)
	}
	return false, nil
}

// token finds a user's password behind "Bearer ".
func (v *conv) token(s string) bool {
	for user, password := range v.opts.Users {
		if strings.Contains(s, user) && strings.Contains(s, "auth=Bearer "+password+"\x01") {
			return true
		}
	}
	return false
}

func (v *conv) cram() (bool, error) {
	const challenge = "<1896.697170952@mail.example.org>"
	s, err := v.ask(challenge)
	if err != nil {
		return false, err
	}
	i := strings.LastIndexByte(s, ' ')
	if i < 0 {
		return false, nil
	}
	password, ok := v.opts.Users[s[:i]]
	h := hmac.New(md5.New, []byte(password))
	h.Write([]byte(challenge))
	return ok && hex.EncodeToString(h.Sum(nil)) == s[i+1:], nil
}

func (v *conv) scram(mech, first string) (bool, error) {
	gen := scram.SHA1
	if strings.HasPrefix(mech, "SCRAM-SHA-256") {
		gen = scram.SHA256
	}
	server, err := gen.NewServer(func(user string) (scram.StoredCredentials, error) {
		password, ok := v.opts.Users[user]
		if !ok {
			return scram.StoredCredentials{}, errEnd
		}
		client, err := gen.NewClient(user, password, "")
		if err != nil {
			return scram.StoredCredentials{}, err
		}
		return client.GetStoredCredentialsWithError(scram.KeyFactors{Salt: "salty", Iters: 4096})
	})
	must(err)
	conversation := server.NewConversation()
	if strings.HasSuffix(mech, "-PLUS") {
		cs := v.tls.ConnectionState()
		binding := scram.NewTLSUniqueBinding(cs.TLSUnique)
		if cs.Version == tls.VersionTLS13 {
			binding, err = scram.NewTLSExporterBinding(&cs)
			must(err)
		}
		conversation = server.NewConversationWithChannelBindingRequired(binding)
	}
	challenge, err := conversation.Step(first)
	if err != nil {
		return false, nil
	}
	last, err := v.ask(challenge)
	if err != nil {
		return false, err
	}
	if challenge, err = conversation.Step(last); err != nil || !conversation.Valid() {
		return false, nil
	}
	_, err = v.ask(challenge)
	return true, err
}
