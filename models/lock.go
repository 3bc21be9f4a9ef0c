package models

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// folderLock is the operating system's lock on a file of the data folder. It
// ends with the process, however that ends.
type folderLock struct{ file *os.File }

const lockFile = "dualwrite.lock"

var errLocked = errors.New("locked")

// lockFolder takes the lock or fails with kind Busy, naming the process that
// holds it.
func lockFolder(dir string) (*folderLock, error) {
	path := filepath.Join(dir, lockFile)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unusableFolder(dir, err)
	}
	if err := lockExclusive(f); err != nil {
		holder, _ := os.ReadFile(path) // the name of the holder is a courtesy
		closeErr := f.Close()
		if errors.Is(err, errLocked) {
			return nil, errors.Join(Errorf(Busy, "another dualwrite (process %s) is using the data folder %s; stop it first, or give this one a folder of its own with --data-dir",
				strings.TrimSpace(string(holder)), dir), closeErr)
		}
		return nil, errors.Join(fmt.Errorf("lock data folder: %w", err), closeErr)
	}
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0) // a courtesy too
	}
	return &folderLock{file: f}, nil
}

// unusableFolder says what can be done where nothing can be kept in a folder.
func unusableFolder(dir string, err error) error {
	return fmt.Errorf("the data folder %s cannot be written to (%w); give the user of this program the right to, or name another folder with --data-dir", dir, err)
}

// Close gives the folder free.
func (l *folderLock) Close() error { return l.file.Close() }
