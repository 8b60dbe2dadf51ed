package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestDashboardShowsTheMetrics holds that the dashboard asks for nothing that
// the service does not export, and leaves nothing out.
func TestDashboardShowsTheMetrics(t *testing.T) {
	raw, err := os.ReadFile("../../deploy/grafana/mailhelpbot.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(raw, &dashboard); err != nil {
		t.Fatal(err)
	}
	families, err := busy(t).registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	exported := map[string]bool{} // whether the dashboard shows it
	for _, f := range families {
		exported[f.GetName()] = false
	}
	name := regexp.MustCompile(`\b(?:mailhelpbot|process|go)_[a-z0-9_]+`)
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			for _, n := range name.FindAllString(target.Expr, -1) {
				n = strings.TrimSuffix(n, "_bucket")
				if _, ok := exported[n]; !ok {
					t.Errorf("panel %q asks for %s, which nobody exports", p.Title, n)
				}
				exported[n] = true
			}
		}
	}
	for n, shown := range exported {
		if !shown && strings.HasPrefix(n, "mailhelpbot_") {
			t.Errorf("no panel shows %s", n)
		}
	}
}

// maxExposure is what the unit may be rated; docs/install.md tells the rating.
const maxExposure = 1.3

// TestSystemdUnit lets systemd rate the sandbox of the unit, and look for
// settings that it does not know.
func TestSystemdUnit(t *testing.T) {
	bin, err := exec.LookPath("systemd-analyze")
	if err != nil {
		if os.Getenv("MAILHELPBOT_CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	out, err := exec.Command(bin, "security", "--offline=true", "--no-pager", "../../deploy/systemd/mailhelpbot.service").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	rating := regexp.MustCompile(`Overall exposure level for mailhelpbot\.service: ([0-9.]+)`).FindSubmatch(out)
	if rating == nil {
		t.Fatalf("no rating in\n%s", out)
	}
	if n, err := strconv.ParseFloat(string(rating[1]), 64); err != nil || n > maxExposure {
		t.Errorf("rated %s, at most %v\n%s", rating[1], maxExposure, out)
	}
	if strings.Contains(string(out), "Unknown") {
		t.Errorf("settings that systemd does not know:\n%s", out)
	}
}

// TestDeploymentSetsWhatExists holds that no deployment file sets a variable
// that the program does not read.
func TestDeploymentSetsWhatExists(t *testing.T) {
	var known []string
	for _, s := range settingTable() {
		known = append(known, s.name)
		if s.secret {
			known = append(known, s.name+"_FILE")
		}
	}
	variable := regexp.MustCompile(`\b(?:SLACK|DISCORD|MAILHELPBOT)_[A-Z_]+\b`)
	for _, file := range []string{
		"systemd/mailhelpbot.service", "systemd/env.example", "compose/docker-compose.yml", "compose/.env.example",
		"helm/mailhelpbot/values.yaml", "helm/mailhelpbot/values.schema.json", "helm/mailhelpbot/templates/deployment.yaml",
		"helm/mailhelpbot/templates/secret.yaml", "helm/mailhelpbot/templates/_helpers.tpl",
	} {
		raw, err := os.ReadFile("../../deploy/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range variable.FindAllString(string(raw), -1) {
			if !slices.Contains(known, v) {
				t.Errorf("%s sets %s, which nobody reads", file, v)
			}
		}
	}
}
