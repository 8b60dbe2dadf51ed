package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// device is the name of the link in both namespaces.
const device = "bench0"

// link opens one end in each namespace and carries packets between them.
func link(a, b string, delay time.Duration) error {
	left, err := open(a)
	if err != nil {
		return err
	}
	right, err := open(b)
	if err != nil {
		return err
	}
	failed := make(chan error, 2)
	go func() { failed <- carry(left, right, delay) }()
	go func() { failed <- carry(right, left, delay) }()
	return <-failed
}

// open makes the TUN device in a namespace. The thread that enters the
// namespace is not used for anything else: it ends with its goroutine.
func open(namespace string) (int, error) {
	type result struct {
		fd  int
		err error
	}
	done := make(chan result)
	go func() {
		runtime.LockOSThread()
		fd, err := openHere(namespace)
		done <- result{fd, err}
	}()
	r := <-done
	return r.fd, r.err
}

func openHere(namespace string) (int, error) {
	ns, err := os.Open("/var/run/netns/" + namespace)
	if err != nil {
		return 0, err
	}
	defer ns.Close()
	if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
		return 0, fmt.Errorf("enter %s: %w", namespace, err)
	}
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	req, err := unix.NewIfreq(device)
	if err != nil {
		return 0, err
	}
	req.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	return fd, unix.IoctlIfreq(fd, unix.TUNSETIFF, req)
}

type packet struct {
	due  time.Time
	data []byte
}

// carry reads packets and writes each when its delay is over, in order. The
// waiting thread sleeps in the kernel: a timer of the runtime is late by up to
// a millisecond under load.
func carry(from, to int, delay time.Duration) error {
	queue := make(chan packet, 1<<14)
	go func() {
		runtime.LockOSThread()
		for p := range queue {
			if wait := time.Until(p.due); wait > 0 {
				ts := unix.NsecToTimespec(wait.Nanoseconds())
				_ = unix.Nanosleep(&ts, nil)
			}
			_, _ = unix.Write(to, p.data) // a packet that is not taken is lost, as on any link
		}
	}()
	buf := make([]byte, 1<<16)
	for {
		n, err := unix.Read(from, buf)
		if err != nil {
			close(queue)
			return err
		}
		queue <- packet{time.Now().Add(delay), append([]byte(nil), buf[:n]...)}
	}
}

func quickACK(c net.Conn) {
	if tc, ok := c.(*net.TCPConn); ok {
		if rc, err := tc.SyscallConn(); err == nil {
			_ = rc.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1) })
		}
	}
}
