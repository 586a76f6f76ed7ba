"""The certificate that people are shown at the place's own address, looked at as a browser does, from this machine."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
from dataclasses import dataclass

SECONDS = 10.0
PORT = 443


@dataclass(frozen=True)
class CertificateFacts:
    """What came of asking. `fault` says in words of the library why it is not trusted; empty where it is.

    `days_left` is how long it still holds; `None` where it is not trusted, or nobody answered.
    """

    name: str
    is_reached: bool
    fault: str = ""
    days_left: int | None = None


def ask_certificate(address: str) -> CertificateFacts:
    """Open a connection to `NAME` or `NAME:PORT` and look at its certificate: by the authorities that this machine
    trusts, for exactly that name. Nothing is sent.
    """
    name, _, port = address.partition(":")
    trusted = ssl.create_default_context()
    try:
        with (
            socket.create_connection((name, int(port or PORT)), SECONDS) as plain,
            trusted.wrap_socket(plain, server_hostname=name) as line,
        ):
            return CertificateFacts(name, is_reached=True, days_left=_days_left(line))
    except ssl.SSLCertVerificationError as error:
        return CertificateFacts(name, is_reached=True, fault=error.verify_message)
    except (OSError, ValueError):
        return CertificateFacts(name, is_reached=False)


def _days_left(line: ssl.SSLSocket) -> int:
    shown = line.getpeercert() or {}
    ends = dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), dt.UTC)
    return (ends - dt.datetime.now(dt.UTC)).days
