"""The spool: a file is there whole or not at all, and what nobody will finish does not stay."""

import fcntl
import os
import signal

from braid.outbound.spool import UNFINISHED, put_into_spool


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_a_killed_delivery_left_is_deleted_by_the_next(tmp_path):
    child = os.fork()
    if child == 0:
        os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
        put_into_spool(tmp_path, "letter", b"words that were released")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    (left,) = names(tmp_path)
    assert left.endswith(UNFINISHED), "it was not killed in the middle"
    put_into_spool(tmp_path, "letter", b"words that were released")
    assert names(tmp_path) == ["letter"]


def test_what_somebody_is_writing_is_left_to_them(tmp_path):
    writing = tmp_path / f".another{UNFINISHED}"
    with writing.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        put_into_spool(tmp_path, "letter", b"words")
        assert names(tmp_path) == [writing.name, "letter"]
    put_into_spool(tmp_path, "letter", b"words")
    assert names(tmp_path) == ["letter"]
