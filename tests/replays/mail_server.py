"""A mail server on loopback, small and real: it speaks enough of RFC 5321 to take what a client sends, and keeps it."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Arrived:
    """What arrived: (recipients, bytes) of each mail. `answer` is what the server says to each, and may be changed.

    `says` is what it says to a verb in place of yes; `GREETING` is what it begins with. To `RCPT` it says so only of a
    recipient among `full`.
    """

    mails: list[tuple[list[str], bytes]] = field(default_factory=list)
    answer: bytes = b"250 kept"
    port: int = 0
    says: dict[str, bytes] = field(default_factory=dict)
    full: frozenset[str] = frozenset()


@contextmanager
def mail_server() -> Iterator[Arrived]:
    """Take mails until the block ends."""
    arrived = Arrived()

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say(arrived.says.get("GREETING", b"220 mail.place.example ready"))
            recipients: list[str] = []
            while line := self.rfile.readline():
                verb = line.split(b" ")[0].strip().upper()
                if verb == b"RCPT":
                    recipients.append(line.split(b"<")[1].split(b">")[0].decode())
                    self._say(arrived.says.get("RCPT", b"250 fine") if recipients[-1] in arrived.full else b"250 fine")
                elif verb == b"DATA":
                    self._say(b"354 go on")
                    arrived.mails.append((recipients, self._body()))
                    self._say(arrived.answer)
                    if not arrived.answer.startswith(b"250"):
                        arrived.mails.pop()
                elif verb == b"QUIT":
                    self._say(b"221 bye")
                    break
                else:
                    self._say(arrived.says.get(verb.decode(), b"250 fine"))

        def _say(self, line: bytes) -> None:
            self.wfile.write(line + b"\r\n")

        def _body(self) -> bytes:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line[1:] if line.startswith(b"..") else line)
            return b"".join(lines)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        server.daemon_threads = True
        arrived.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield arrived
        finally:
            server.shutdown()
            thread.join(5)
