// Package bot turns a Message into Answers: it reads the message with the
// matcher, looks up the facts, runs probes, keeps what a thread is about, and
// says it in German or English. It knows no chat platform; adapters do.
package bot
