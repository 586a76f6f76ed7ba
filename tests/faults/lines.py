"""Lines that fail: a go-between for sockets that cuts, halves or holds up what is said, and ends itself when told."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PIECE = 65536


@dataclass
class Line:
    """How a line behaves: after `whole_bytes` of answers it is cut; `None` for never. Changed while it is used."""

    folder: Path
    """Holds the socket at which the go-between listens; named as PostgreSQL names its own, port 5432."""
    whole_bytes: int | None = None
    hold_seconds: float = 0.0
    """How long the next answer is held up, once."""
    answered: int = 0
    cuts: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def passes(self, piece: bytes) -> bytes:
        """Return what of a piece of an answer goes on; less than it where the line is cut now."""
        with self.lock:
            pause, self.hold_seconds = self.hold_seconds, 0.0
        time.sleep(pause)
        with self.lock:
            left = len(piece) if self.whole_bytes is None else max(self.whole_bytes - self.answered, 0)
            self.answered += len(piece)
            self.cuts += left < len(piece)
            return piece[:left]

    def mend(self) -> None:
        """Let everything through from now on."""
        with self.lock:
            self.whole_bytes, self.answered = None, 0

    def cut_after(self, number: int) -> None:
        """Cut the line after so many more bytes of answers."""
        with self.lock:
            self.whole_bytes, self.answered = number, 0


@contextlib.contextmanager
def line_to(target: Path, folder: Path) -> Iterator[Line]:
    """Listen in `folder` and carry everything to the socket `target` and back, until the block ends."""
    folder.mkdir(exist_ok=True)
    line = Line(folder)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(folder / ".s.PGSQL.5432"))
        door.listen(16)
        threading.Thread(target=_open, args=(door, target, line), daemon=True).start()
        yield line
        with contextlib.suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)


def _open(door: socket.socket, target: Path, line: Line) -> None:
    while True:
        try:
            near, _ = door.accept()
        except OSError:
            return
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(target))
        threading.Thread(target=_ask, args=(near, far), daemon=True).start()
        threading.Thread(target=_answer, args=(far, near, line), daemon=True).start()


def _ask(near: socket.socket, far: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := near.recv(PIECE):
            far.sendall(piece)
    _end(near, far)


def _answer(far: socket.socket, near: socket.socket, line: Line) -> None:
    with contextlib.suppress(OSError):
        while piece := far.recv(PIECE):
            going = line.passes(piece)
            near.sendall(going)
            if len(going) < len(piece):
                break
    _end(near, far)


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
