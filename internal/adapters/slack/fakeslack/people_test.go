package fakeslack

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestUsersAndGroups(t *testing.T) {
	s, _ := start(t, Options{})
	s.AddUser(User{ID: "U3", Name: "chef", Owner: true})
	s.AddGroup(Group{ID: "S1", Handle: "team", Members: []string{"U1", "U3"}})
	s.AddGroup(Group{ID: "S2", Handle: "old", Disabled: true})
	for user, want := range map[string]bool{"U1": false, "U3": true} {
		u, _ := call(t, s, "users.info", s.BotToken(), "user", user)["user"].(map[string]any)
		if u["is_admin"] != want || u["is_owner"] != want {
			t.Errorf("%s: %v", user, u)
		}
	}
	got := call(t, s, "usergroups.users.list", s.BotToken(), "usergroup", "S1")
	if us, _ := got["users"].([]any); got["ok"] != true || !slices.Equal(us, []any{"U1", "U3"}) {
		t.Errorf("members: %v", got)
	}
	for group, want := range map[string]string{"S9": "no_such_subteam", "S2": "subteam_disabled"} {
		if got := call(t, s, "usergroups.users.list", s.BotToken(), "usergroup", group); got["error"] != want {
			t.Errorf("%s: %v", group, got)
		}
	}
	if got := call(t, s, "usergroups.users.list", s.BotToken(), "usergroup", "S2", "include_disabled", "true"); got["ok"] != true {
		t.Errorf("a disabled group that is asked for: %v", got)
	}
	poor, _ := start(t, Options{Scopes: []string{"users:read"}})
	if got := call(t, poor, "usergroups.users.list", poor.BotToken(), "usergroup", "S1"); got["error"] != "missing_scope" || got["needed"] != "usergroups:read" {
		t.Errorf("without the scope: %v", got)
	}
}

func TestTextInputsHaveLimits(t *testing.T) {
	input := func(more string) []byte {
		return fmt.Appendf(nil, `[{"type":"input","label":{"type":"plain_text","text":"x"},"element":{"type":"plain_text_input","action_id":"a"%s}}]`, more)
	}
	for more, want := range map[string]string{
		``: "", `,"max_length":3000,"initial_value":"abc"`: "",
		`,"max_length":3001`: "max_length", `,"max_length":0`: "max_length",
		`,"max_length":2,"initial_value":"abc"`:                                          "initial_value",
		`,"initial_value":"` + strings.Repeat("x", 3001) + `"`:                           "initial_value",
		`,"placeholder":{"type":"plain_text","text":"` + strings.Repeat("x", 151) + `"}`: "placeholder",
	} {
		err := CheckBlocks(input(more))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v", more, err)
		}
	}
}
