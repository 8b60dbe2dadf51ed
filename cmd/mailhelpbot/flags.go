package main

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
)

// noPassword is what somebody reads who may have typed a password into a command.
const noPassword = "a password does not belong into a command: the shell keeps it, and others can read it in the list of processes. " +
	"If it was real, change it. `mailhelpbot test --auth TARGET` asks for it without showing it"

// parse reads flags in any place between the arguments. What begins with a
// hyphen and has a blank in it is text: "-ERR [AUTH] Authentication failed."
func (in *invocation) parse() error {
	rest := in.args
	in.args = nil
	for {
		i := slices.IndexFunc(rest, func(a string) bool { return strings.HasPrefix(a, "-") && strings.ContainsAny(a, " \t\n") })
		if i < 0 {
			return in.parseFlags(rest)
		}
		if err := in.parseFlags(rest[:i]); err != nil {
			return err
		}
		in.args, rest = append(in.args, rest[i]), rest[i+1:]
	}
}

func (in *invocation) parseFlags(rest []string) error {
	for len(rest) > 0 {
		if err := in.flags.Parse(rest); err != nil {
			return in.flagFault(err, rest)
		}
		rest = in.flags.Args()
		if len(rest) > 0 {
			in.args = append(in.args, rest[0])
			rest = rest[1:]
		}
	}
	return nil
}

// flagFault says what is wrong with a flag, without what was typed: people put
// passwords there, and the library would repeat them.
func (in *invocation) flagFault(err error, args []string) error {
	if errors.Is(err, flag.ErrHelp) {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	typed := args[max(0, len(args)-in.flags.NArg()-1)]
	name, _, _ := strings.Cut(strings.TrimLeft(typed, "-"), "=")
	f := in.flags.Lookup(name)
	secret := slices.Contains([]string{"test", "chat"}, in.flags.Name())
	switch {
	case f == nil && secret:
		return usagef("an option is none of %s. If it was meant as a password: %s", in.flagNames(), noPassword)
	case f == nil:
		return usagef("an option is none of %s", in.flagNames())
	case !takesNoValue(f):
		return usagef("--%s needs a value", name)
	case name == "auth":
		return usagef("--auth takes no value: %s", noPassword)
	}
	return usagef("--%s takes no value", name)
}

func takesNoValue(f *flag.Flag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

// flagNames lists the command's flags.
func (in *invocation) flagNames() string {
	var names []string
	in.flags.VisitAll(func(f *flag.Flag) { names = append(names, "--"+f.Name) })
	return strings.Join(names, ", ")
}
