// Package eval measures a matcher on labelled messages.
//
// [Read] reads cases, one JSON object a line: a message with its intent, topic
// ("faq") and slots, or an error text with its cause. [Predict] turns what the
// matcher understood into a [Prediction], the line that `mailhelpbot eval
// --predictions` prints. [Score] compares the two; [Report.Write] prints the
// tables: accuracies for all, German and English, the confusions of each topic,
// and precision against coverage at each threshold of confidence.
//
// All functions are pure and safe for concurrent use.
package eval
