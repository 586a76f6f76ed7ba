"""The one way to a partner's machine: an address that is listed, over https, at a public address, without a detour.

An address that somebody may choose is a way into our own network. So the name is looked up once, every address that it
has is judged, and the connection goes to one that was judged, under the name that the certificate must have: what the
name says a moment later is nobody's concern. No redirect is followed, and no proxy of the environment is asked.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from braid.outbound.model import ChannelNotAvailable, ChannelRefused

_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
_LARGEST_ANSWER = 4096
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Egress:
    """Where may be posted to: listed addresses, and networks of ours, as of a health or council network, that count as
    public."""

    urls: frozenset[str]
    networks: tuple[str, ...] = ()
    timeout_seconds: float = 20.0
    """How long an answer may take, from the first byte sent to the last one read."""


def post_out(url: str, body: bytes, headers: Mapping[str, str], egress: Egress) -> int:
    """Post to a listed address; return the status of the answer, whose body is not read.

    Raises `ChannelRefused` for an address that is not listed, not https, or not public; `ChannelNotAvailable` where
    nobody answers.
    """
    if url not in egress.urls:
        raise ChannelRefused("The partner's address is not on the list: have it listed in the settings.")
    parts = _split(url)
    line = _line_to(parts, _find_address(parts, egress.networks), egress.timeout_seconds)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    end = None
    try:
        line.connect()
        end = threading.Timer(egress.timeout_seconds, _cut, (line.sock,))
        end.daemon = True
        end.start()
        line.request("POST", target, body=body, headers={**headers, "Host": parts.netloc, "Connection": "close"})
        answer = line.getresponse()
        answer.read(_LARGEST_ANSWER)
        return answer.status
    except (OSError, http.client.HTTPException):
        raise ChannelNotAvailable("The partner's machine does not answer: it is tried again.") from None
    finally:
        if end is not None:
            end.cancel()
        line.close()


def _cut(line: socket.socket) -> None:
    """End a line whose time is over: one who answers drop by drop would begin the time of a socket anew with each."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)  # past the encryption, which another thread is reading


def check_address(url: str) -> None:
    """Raise `ChannelRefused` for an address that could not be listed: not https, or with a name and password in it."""
    _split(url)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ChannelRefused("The partner's address is none: have it listed anew.") from None
    is_here = parts.scheme == "http" and parts.hostname in _THIS_MACHINE
    if not (parts.scheme == "https" or is_here) or not parts.hostname or port == 0:
        raise ChannelRefused("The partner's address is not https: have it listed anew.")
    if "@" in parts.netloc or parts.fragment or not url.isascii() or any(one.isspace() for one in url):
        raise ChannelRefused("The partner's address holds what no address needs: have it listed anew.")
    return parts


def _find_address(parts: SplitResult, networks: Collection[str]) -> str:
    """Return the address to connect to, once all that the name has are judged. Raises as `post_out` does."""
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise ChannelNotAvailable("The partner's address is not found: it is tried again.") from None
    addresses = [str(entry[4][0]) for entry in found]
    is_here = parts.scheme == "http"  # listed by whoever runs the place, for a machine beside this one
    if not addresses or not all((is_here and _is_this_machine(one)) or is_public(one, networks) for one in addresses):
        raise ChannelRefused("The partner's address leads into a network of our own: have it listed anew.")
    return addresses[0]


def _is_this_machine(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def is_public(address: str, networks: Collection[str] = ()) -> bool:
    """Whether an address is one of the internet, or of a network that counts as such.

    What is written as IPv6 and stands for an IPv4 address (mapped, 6to4, Teredo, NAT64) is judged as that too.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = _stands_for(found)
    if any(found in ipaddress.ip_network(network) for network in networks):
        return not (found.is_loopback or found.is_link_local or found.is_unspecified)
    return _is_global(found) and all(_is_global(one) for one in inner)


def _is_global(address: Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _stands_for(address: Address) -> list[ipaddress.IPv4Address]:
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found = [one for one in (address.ipv4_mapped, address.sixtofour) if one is not None]
    if address.teredo is not None:
        found += address.teredo
    if address in ipaddress.ip_network("64:ff9b::/96"):
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return found


def _line_to(parts: SplitResult, address: str, seconds: float) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "https":
        return _TlsTo(host, parts.port, address, seconds)
    return http.client.HTTPConnection(address, parts.port, timeout=seconds)


class _TlsTo(http.client.HTTPSConnection):
    """A connection to an address that was judged, under the name that its certificate must have."""

    def __init__(self, host: str, port: int | None, address: str, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds)
        self._address, self._name, self._tls = address, host, ssl.create_default_context()

    def connect(self) -> None:
        line = socket.create_connection((self._address, self.port), self.timeout)
        try:
            self.sock = self._tls.wrap_socket(line, server_hostname=self._name)
        except OSError:
            line.close()
            raise
