"""What `BRAID_TRACES` may say. Read by the settings, so it imports nothing of Django."""

from __future__ import annotations

from urllib.parse import urlsplit

from braid.web.operating.start_model import is_local


class TracesInvalid(ValueError):
    """The setting says no place where spans could go. The message names the next step."""


def read_traces(text: str) -> str:
    """Return `log`, the address of a collector, or nothing where nothing is said. Raises `TracesInvalid`.

    Beyond this machine it is spoken to over TLS alone, and no password stands in an address.
    """
    if text in ("", "log"):
        return text
    parts = urlsplit(text)
    is_plain = parts.scheme == "http" and is_local(parts.hostname or "")
    if not parts.hostname or parts.username or not (parts.scheme == "https" or is_plain):
        raise TracesInvalid(
            "BRAID_TRACES names no collector that spans may be sent to. Next step: write log, or the https address of"
            " the collector (http on this machine alone), without a password"
        )
    return text
