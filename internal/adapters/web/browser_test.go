package web_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// ci says that what a test needs must be there.
func ci() bool { return os.Getenv("MAILHELPBOT_CI") != "" }

// browser starts a headless Chromium as wide as a phone. Without one the test
// is skipped, but not where everything must be there.
func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if ci() {
			t.Fatal(err)
		}
		t.Skip("no chromium here")
	}
	opts := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck, chromedp.WindowSize(360, 740),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.WSURLReadTimeout(90 * time.Second),
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

// seat is somebody at the keyboard.
type seat struct {
	t   *testing.T
	ctx context.Context
}

func (s seat) run(steps ...chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	if _, err := chromedp.Run(s.ctx, chromedp.Steps(steps...)); err != nil {
		s.t.Fatal(err)
	}
}

// eval evaluates an expression, and waits when it is a promise.
func (s seat) eval(js string) string {
	s.t.Helper()
	out, err := chromedp.Run(s.ctx, chromedp.Evaluate[string](js, chromedp.EvalAwaitPromise))
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// await waits until a condition holds.
func (s seat) await(js string) {
	s.t.Helper()
	if _, err := chromedp.Run(s.ctx, chromedp.Poll[bool](js, chromedp.WithPollingTimeout(60*time.Second))); err != nil {
		s.t.Fatalf("%s never holds: %v; the focus is on %s", js, err, s.focused())
	}
}

// colours sets light or dark.
func colours(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}

// focused is the id of the element that has the focus, or its kind.
func (s seat) focused() string {
	return s.eval(`(document.activeElement.id || document.activeElement.className || document.activeElement.tagName.toLowerCase())`)
}

// tabTo presses Tab until an element has the focus.
func (s seat) tabTo(id string) {
	s.t.Helper()
	var seen []string
	for range 20 {
		s.run(chromedp.KeyEvent(kb.Tab))
		at := s.focused()
		if at == id {
			return
		}
		seen = append(seen, at)
	}
	s.t.Fatalf("Tab does not lead to %s, but to %v", id, seen)
}

// typeInto types a text where the focus is.
func (s seat) typeInto(id, text string) {
	s.t.Helper()
	s.tabTo(id)
	s.run(chromedp.KeyEvent(text))
}

// enter presses the button and waits for the next page.
func (s seat) enter() {
	s.t.Helper()
	s.tabTo("button")
	if _, err := chromedp.RunResponse(s.ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
		s.t.Fatal(err)
	}
}

// follow presses Enter on a link, without the character that chromedp sends
// after it: a browser swallows that of a real keyboard.
var follow = chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13}); err != nil {
			return err
		}
	}
	return nil
})

// keep saves a screenshot of the whole page as an artefact of the test.
func (s seat) keep(name string) {
	s.t.Helper()
	png, err := chromedp.Run(s.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		s.t.Fatal(err)
	}
	if len(png) < 5000 {
		s.t.Errorf("%s: a screenshot of %d bytes shows nothing", name, len(png))
	}
	if err := os.WriteFile(filepath.Join(s.t.ArtifactDir(), name+".png"), png, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// judge lets axe-core look at the page, and measures what it does not: that
// nothing sticks out at the side, and that a finger hits what can be pressed.
func (s seat) judge(name string) {
	s.t.Helper()
	if wide := s.eval(`String(document.documentElement.scrollWidth - window.innerWidth)`); !strings.HasPrefix(wide, "-") && wide != "0" {
		s.t.Errorf("%s: %s pixels wider than the phone", name, wide)
	}
	if small := s.eval(`[...document.querySelectorAll("input,button,summary")].filter(e => e.getBoundingClientRect().height && e.getBoundingClientRect().height < 44).map(e => e.outerHTML).join()`); small != "" {
		s.t.Errorf("%s: too small for a finger: %s", name, small)
	}
	axe, err := os.ReadFile("axe/node_modules/axe-core/axe.min.js")
	if err != nil {
		if ci() {
			s.t.Fatal(err)
		}
		s.t.Log("axe-core is not installed; not judged")
		return
	}
	s.eval(string(axe) + `;"ready"`)
	result := s.eval(`axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
		.then(r => JSON.stringify({passes: r.passes.length, violations: r.violations.map(v => v.id + ": " + v.help + " " + v.nodes.map(n => n.html).join(" "))}))`)
	var r struct {
		Passes     int
		Violations []string
	}
	if err := json.Unmarshal([]byte(result), &r); err != nil {
		s.t.Fatal(err)
	}
	if r.Passes < 5 || len(r.Violations) > 0 {
		s.t.Errorf("%s: %d rules passed, against these: %s", name, r.Passes, strings.Join(r.Violations, "\n"))
	}
}

// TestPageInABrowser goes the whole way with the keyboard alone: a wrong code,
// the way back from the error to its field, and the login.
func TestPageInABrowser(t *testing.T) {
	ctx := browser(t)
	for _, c := range []struct {
		lang                  bot.Lang
		problem, title, final string
		dark                  bool
	}{
		{"de", "Der Code stimmt nicht", "Fehler: Anmeldung testen – mailhelpbot", "Die Anmeldung hat geklappt", false},
		{"en", "The code is wrong", "Error: Test the login – mailhelpbot", "The login worked", true},
	} {
		r := newRig(t, nil)
		s := seat{t, ctx}
		link, code := r.ask("U1", "anna", c.lang)
		scheme := "light"
		if c.dark {
			scheme = "dark"
		}
		s.run(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch), colours(scheme), chromedp.Navigate(link))
		s.keep(c.lang + "-1-form")
		s.judge(c.lang + " form")

		s.typeInto("code", "000000")
		s.typeInto("address", "anna@post.example")
		s.typeInto("password", password)
		s.enter()
		s.await(`document.activeElement.className === "problem"`)
		if text := s.eval(`document.activeElement.textContent`); !strings.Contains(text, c.problem) {
			t.Errorf("%s: the error says %q", c.lang, text)
		}
		if title := s.eval(`document.title`); title != c.title {
			t.Errorf("%s: titled %q", c.lang, title)
		}
		s.keep(c.lang + "-2-error")
		s.judge(c.lang + " error")
		s.run(chromedp.KeyEvent(kb.Tab), follow) // the link in the error leads to its field
		s.await(`document.activeElement.id === "code"`)
		if kept := s.eval(`document.getElementById("address").value + "|" + document.getElementById("password").value`); kept != "anna@post.example|" {
			t.Errorf("%s: filled in again: %s", c.lang, kept)
		}
		s.run(chromedp.KeyEvent(code))
		s.typeInto("password", password)
		s.enter()
		if text := s.eval(`document.body.textContent`); !strings.Contains(text, c.final) || strings.Contains(text, password) {
			t.Errorf("%s: the end says %s", c.lang, text)
		}
		s.keep(c.lang + "-3-result")
		s.judge(c.lang + " result")
		s.run(chromedp.Navigate(link))
		if text := s.eval(`document.documentElement.lang + document.body.textContent`); !strings.Contains(text, "mailhelpbot") && len(text) < 40 {
			t.Errorf("%s: the used link shows %s", c.lang, text)
		}
		s.judge(c.lang + " used")
		if r.mail.Logins() != 1 {
			t.Errorf("%s: %d logins", c.lang, r.mail.Logins())
		}
	}
}

// TestBrowserRefusesToFrameThePage loads the page in a frame of another site,
// and posts its form from there.
func TestBrowserRefusesToFrameThePage(t *testing.T) {
	ctx := browser(t)
	r := newRig(t, nil)
	link, code := r.ask("U1", "anna", "en")
	s := seat{t, ctx}
	s.run(chromedp.Navigate("data:text/html,<title>evil</title><iframe name=f src='" + link + "'></iframe><form target=f method=post action='" + link + "'>" +
		"<input name=code value=" + code + "><input name=address value=anna@post.example><input name=password value=x></form>"))
	if in := s.eval(`(() => { try { return String(frames[0].document.body.textContent) } catch (e) { return "blocked" } })()`); strings.Contains(in, "imap.post.example") {
		t.Errorf("framed: %s", in)
	}
	s.eval(`document.forms[0].submit(); "sent"`)
	if got := r.post(link, form(code, "anna@post.example", password)); got.status != 200 || r.mail.Logins() != 1 {
		t.Errorf("after a foreign form: status %d, %d logins", got.status, r.mail.Logins())
	}
}
