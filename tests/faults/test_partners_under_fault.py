"""Partners' machines that fail in the middle: what is not known to have arrived is told again, and nothing else is."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from braid.outbound.egress import Egress, post_out
from braid.outbound.mail import send_mail
from braid.outbound.model import ChannelNotAvailable, ChannelUncertain
from braid.outbound.routes import Routes
from braid.trust.guard import Recipient

BODY = b'{"id": "an event"}'
LONGEST_WAIT = 30
"""Seconds, on a machine that is busy with much else; without an end the second of the two would take 400."""
ANSWER = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


@contextlib.contextmanager
def partner(answer: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """Listen on this machine: keep what each caller says, and let `answer` do the rest to the line."""
    heard: list[bytes] = []

    def serve(door: socket.socket) -> None:
        while True:
            try:
                line, _ = door.accept()
            except OSError:
                return
            with line:
                said = b""
                while BODY not in said and (piece := line.recv(65536)):
                    said += piece
                heard.append(said)
                with contextlib.suppress(OSError):
                    answer(line)

    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=serve, args=(door,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}/events", heard
        door.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def cut(line: socket.socket) -> None:
    """Reset the line (RST), as a machine does that was started anew."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def post(url: str, seconds: float = 5.0) -> int:
    return post_out(url, BODY, {"webhook-id": "an id"}, Egress(frozenset({url}), timeout_seconds=seconds))


def test_a_partner_who_cuts_the_line_is_told_again():
    answers = [cut, lambda line: line.sendall(ANSWER)]
    with partner(lambda line: answers.pop(0)(line)) as (url, heard):
        with pytest.raises(ChannelNotAvailable, match="tried again"):
            post(url)
        assert post(url) == 204
    assert len(heard) == 2 and all(b"webhook-id: an id" in said for said in heard), "under the same key"


@pytest.mark.parametrize("length", range(0, len(ANSWER) - 2, 9))
def test_half_an_answer_of_a_partner_is_none(length):
    with partner(lambda line: line.sendall(ANSWER[:length])) as (url, heard):
        if b" 204 " in ANSWER[:length]:
            assert post(url) == 204, "the line of the status is whole: it took it"
        else:
            with pytest.raises(ChannelNotAvailable):
                post(url)
    assert len(heard) == 1


def drip(slow: bytes) -> Callable[[socket.socket], None]:
    """Say so drop by drop: no single wait is long, and all of them are."""

    def answer(line: socket.socket) -> None:
        for byte in slow:
            line.sendall(bytes([byte]))
            time.sleep(0.1)

    return answer


def test_a_partner_who_answers_drop_by_drop_does_not_hold_up_the_others():
    begun = time.monotonic()
    with partner(drip(ANSWER)) as (url, _), pytest.raises(ChannelNotAvailable):
        post(url, 1.0)
    assert time.monotonic() - begun < LONGEST_WAIT


def test_whoever_took_it_and_talks_on_is_not_listened_to_for_long():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n"

    def answer(line: socket.socket) -> None:
        line.sendall(head)
        drip(b"0" * 4000)(line)

    begun = time.monotonic()
    with partner(answer) as (url, _):
        assert post(url, 1.0) == 200
        assert time.monotonic() - begun < LONGEST_WAIT


def test_a_name_that_nobody_knows_is_asked_for_again_later():
    with pytest.raises(ChannelNotAvailable, match="not found"):
        post("https://nobody.invalid/events")
    routes = Routes(smtp_host="nobody.invalid", timeout_seconds=5)
    with pytest.raises(ChannelNotAvailable, match="tried again") as found:
        send_mail(b"a mail", Recipient("ann", "email", "ann@place.example"), routes, "desk@place.example")
    assert not isinstance(found.value, ChannelUncertain), "nobody can have the mail"
