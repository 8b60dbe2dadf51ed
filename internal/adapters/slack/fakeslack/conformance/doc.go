// Package conformance runs Slack's official Node clients, @slack/bolt and
// @slack/socket-mode, against fakeslack: what they understand and what they
// refuse is the measure of how faithful the fake is.
//
// It needs Node 20 and the packages of package.json:
//
//	cd internal/adapters/slack/fakeslack/conformance
//	npm install --no-package-lock
//	go test .
//
// Without node_modules the test is skipped.
package conformance
