// Package answertest holds the sample Answers that every renderer is tested
// with, so that the chat surfaces and the terminal are held to the same cases.
//
// [Samples] are whole Answers under stable names: a renderer keeps one golden
// file per name and checks its own limits on all of them. Between them they
// use every Block, every Span, every CheckState, German and English, the
// empty Answer, text that attacks the surface, and content far over any
// platform's limits. [Hostile] are the attacking strings alone, seeds for fuzz
// tests: user names, server greetings and messages may look like this.
// [FromBytes] builds an Answer out of fuzz input.
//
// The package is imported by tests only.
package answertest
