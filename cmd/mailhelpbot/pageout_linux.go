package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	linux "golang.org/x/sys/unix"
)

// pageOutBinary gives the pages of the running binary back to the system, which
// reads those again that are needed again. It never loses anything: to
// MADV_PAGEOUT (Linux 5.4, madvise(2)) a page that was changed is no page of the
// file. The system heeds it for who owns the file or may write it, and while no
// other process has it mapped.
func pageOutBinary() error {
	binary, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return err
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return err
	}
	defer maps.Close()
	for sc := bufio.NewScanner(maps); sc.Scan(); {
		var from, to uintptr
		var perms string // proc_pid_maps(5)
		if _, err := fmt.Sscanf(sc.Text(), "%x-%x %s", &from, &to, &perms); err != nil {
			return err
		}
		if !strings.HasSuffix(sc.Text(), " "+binary) || strings.Contains(perms, "w") {
			continue
		}
		if _, _, errno := linux.Syscall(linux.SYS_MADVISE, from, to-from, linux.MADV_PAGEOUT); errno != 0 {
			return errno
		}
	}
	return nil
}
