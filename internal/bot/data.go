package bot

import "github.com/mailhelpbot/mailhelpbot/internal/mailconf"

// Data is the machine-readable twin of an Answer, for `ask --json`. Adapters ignore it.
type Data struct {
	Provider string
	Settings []SettingFact
	Sources  []string
}

// SettingFact is one server as `ask --json` prints it.
type SettingFact struct {
	Protocol mailconf.Protocol `json:"protocol"`
	Host     string            `json:"host"`
	Port     uint16            `json:"port"`
	Security mailconf.Security `json:"security"`
	Username string            `json:"username"` // a mailconf.UserForm
	Auth     []string          `json:"auth"`
	Source   string            `json:"source"`
	Trust    string            `json:"trust"`
}
