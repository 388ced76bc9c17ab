//go:build unix

package postgres

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// guard makes a cluster in $2 with the programs in $1, starts it, says so,
// and takes it all away again when its standard input ends: that is, when
// the test process does, be it by SIGKILL. A parent death signal would not
// do: it is sent when the thread that started the server ends, which in a Go
// program is any time.
//
// The signals are those of a terminal, which the server does not see, for
// pg_ctl starts it in a session of its own.
const guard = `
trap '' HUP INT QUIT TERM
"$1/initdb" -D "$2/data" -U larder -A trust -E UTF8 --locale=C --no-sync >"$2/log" 2>&1 &&
"$1/pg_ctl" start -w -D "$2/data" -l "$2/log" -o "-p 5432 -c listen_addresses= -c unix_socket_directories=$2 -c fsync=off -c full_page_writes=off -c max_connections=200" >>"$2/log" 2>&1 || exit 1
echo ready
read -r _
"$1/pg_ctl" stop -D "$2/data" -m immediate >/dev/null 2>&1
rm -rf "$2"
`

// start makes a server of the programs in bin that lives as long as this
// process.
func start(bin string) (*server, error) {
	// Not os.TempDir: the path of a Unix socket has at most 107 bytes, and
	// the server's user may have no way into a TMPDIR of ours.
	dir, err := os.MkdirTemp("/tmp", "larder-postgres-")
	if err != nil {
		return nil, err
	}
	leash, err := launch(bin, dir)
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log")) // best effort: it may not have come that far
		return nil, errors.Join(fmt.Errorf("start PostgreSQL of %s: %w\n%s", bin, err, log), os.RemoveAll(dir))
	}
	return &server{
		url: url.URL{
			Scheme:   "postgres",
			User:     url.User("larder"),
			Path:     "/postgres",
			RawQuery: url.Values{"host": {dir}, "port": {"5432"}, "sslmode": {"disable"}}.Encode(),
		},
		leash: leash,
	}, nil
}

// launch runs the guard and waits for its word. Closing what it returns ends
// the server.
func launch(bin, dir string) (leash *os.File, err error) {
	cmd := exec.CommandContext(context.Background(), "/bin/sh", "-c", guard, "sh", bin, dir)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"} // no PGPORT, PGDATA or the like
	if err := disown(cmd, dir); err != nil {
		return nil, err
	}
	stdin, leash, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer stdin.Close()
	cmd.Stdin = stdin
	words, err := cmd.StdoutPipe()
	if err != nil {
		return nil, errors.Join(err, leash.Close())
	}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, leash.Close())
	}
	if _, err := bufio.NewReader(words).ReadString('\n'); err != nil {
		return nil, errors.Join(cmd.Wait(), leash.Close())
	}
	return leash, nil
}

// disown lets cmd and the directory be the postgres user's where we are
// root, whom PostgreSQL refuses to serve.
func disown(cmd *exec.Cmd, dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	return os.Chown(dir, int(uid), int(gid))
}
