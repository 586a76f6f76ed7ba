"""The process that starts a server and stops it when nobody uses it any more; run by file path, standard library only.

Every process that uses the server holds a shared lock on one file. The kernel lets go of it however the process ends,
even by kill -9. This process waits for the lock alone: once it gets it, nobody is left, and it stops the server. It is
the starter too, so that there is no moment at which a server runs and nobody watches it.

Arguments: users_lock watcher_lock uid gid pg_ctl data_folder log server_options (the last one empty: only watch).
"""

from __future__ import annotations

import fcntl
import os
import sys


def _become(uid: int, gid: int) -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)


def _run(uid: int, gid: int, command: list[str]) -> int:
    child = os.fork()
    if child == 0:
        try:
            _become(uid, gid)
            os.execv(command[0], command)  # noqa: S606
        finally:
            os._exit(127)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(arguments: list[str]) -> int:
    """Start the server if options are given, return its exit code to the caller, and stay behind to watch."""
    users_lock, watcher_lock, uid, gid, pg_ctl, data, log, options = arguments
    if options:
        start = [pg_ctl, "start", "-D", data, "-l", log, "-w", "-s", "-t", "60", "-o", options]
        code = _run(int(uid), int(gid), start)
        if code != 0:
            return code
    if os.fork() != 0:
        return 0
    # The watcher's lock is let go of first, so that whoever then gets the users' lock finds no watcher and starts one.
    with open(users_lock) as users, open(watcher_lock, "w") as watcher:  # noqa: PTH123
        try:
            fcntl.flock(watcher, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        fcntl.flock(users, fcntl.LOCK_EX)
        if os.path.exists(f"{data}/postmaster.pid"):  # noqa: PTH110
            _run(int(uid), int(gid), [pg_ctl, "stop", "-D", data, "-m", "fast", "-w", "-s"])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
