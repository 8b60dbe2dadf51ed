// Package console is the chat in a terminal. On a terminal it has line editing
// and history, draws answers in colour and redraws the progress of a test in
// place; in a pipe it reads one message per line and writes plain text.
//
// Ctrl-C ends a running test, Ctrl-D ends the chat.
package console
