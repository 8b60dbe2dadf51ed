package diagnose

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"reflect"
	"strconv"
	"strings"
	"syscall"
)

func itoa(n int) string { return strconv.Itoa(n) }

// fault is why a stage failed: the one place between an error or a reply and a Step.
type fault struct {
	cause  Cause
	also   []Cause
	detail string
	text   string // the server's words, not cleaned yet
}

// errorCause turns an error of the network or of TLS, met in a stage, into a fault.
func errorCause(err error, stage StepKind) *fault {
	f := &fault{cause: plainCause(err, stage)}
	var rh tls.RecordHeaderError
	if n, ok := alertNumber(err); ok {
		f.cause, f.detail = alertCause(n), "alert "+itoa(n)
	} else if stage == StepTLS && f.cause == CauseTLSHandshake && !errors.As(err, &rh) {
		f.detail = strings.TrimPrefix(CleanServerText(err.Error()), "tls: ")
	}
	return f
}

// plainCause knows every error but TLS alerts.
func plainCause(err error, stage StepKind) Cause {
	var ne net.Error
	switch {
	case errors.Is(err, errBlocked):
		return CauseTargetBlocked
	case errors.Is(err, errBudget), errors.Is(err, context.Canceled):
		return CauseBudgetExceeded
	case errors.Is(err, errGarbage):
		return CauseProtocolGarbage
	case errors.Is(err, syscall.ECONNREFUSED):
		return CauseConnectionRefused
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH),
		errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return CauseHostUnreachable
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &ne) && ne.Timeout():
		return timeoutCause(stage)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNABORTED),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return CauseConnectionDropped
	case stage == StepTLS:
		return CauseTLSHandshake
	}
	return CauseConnectionDropped
}

// timeoutCause names a silence after the stage in which it was met.
func timeoutCause(stage StepKind) Cause {
	switch stage {
	case StepGreeting:
		return CauseGreetingTimeout
	case StepAuth:
		return CauseAuthTimeout
	}
	return CauseTimeout
}

// alertNumber is the number of a TLS alert that the server sent. crypto/tls
// keeps its alert type to itself: it comes inside a *net.OpError "remote error"
// and is an unsigned integer underneath.
func alertNumber(err error) (int, bool) {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" || op.Err == nil {
		return 0, false
	}
	v := reflect.ValueOf(op.Err)
	if !v.CanUint() {
		return 0, false
	}
	return int(v.Uint()), true
}

// Numbers of TLS alerts, RFC 8446 section 6.
const (
	alertHandshakeFailure    = 40
	alertBadCertificate      = 42
	alertProtocolVersion     = 70
	alertInsufficientSecure  = 71
	alertCertificateRequired = 116
)

func alertCause(n int) Cause {
	switch n {
	case alertProtocolVersion:
		return CauseTLSVersionTooOld
	case alertBadCertificate, alertCertificateRequired:
		// We send no certificate, so what is "bad" is that there is none.
		return CauseClientCertificateRequired
	}
	return CauseTLSHandshake
}
