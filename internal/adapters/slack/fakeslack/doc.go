// Package fakeslack is a Slack workspace on loopback, for tests of Slack apps.
package fakeslack
