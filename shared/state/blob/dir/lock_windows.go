package dir

import (
	"os"

	"golang.org/x/sys/windows"
)

// lock waits for the exclusive lock on f; closing f releases it.
func lock(f *os.File) error {
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, &windows.Overlapped{})
}

// syncFolder has nothing to do: Windows does not flush directories.
func syncFolder(string) error { return nil }
