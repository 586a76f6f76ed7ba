"""A mail as a file: header lines, bodies and attachments, whatever they are coded in."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import Message

from braid.outbound.opened import CannotOpen, Opened

_NAMES = rb"(?:received|from|to|subject|date|message-id|mime-version|content-type|return-path|delivered-to)"
_HEAD = re.compile(rb"(?:[!-9;-~]+:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*)*?" + _NAMES + rb":", re.IGNORECASE)
_CODINGS = {"", "7bit", "8bit", "binary", "quoted-printable", "base64"}


def is_mail(content: bytes) -> bool:
    """Whether the content begins as a mail does: header lines, one of them a mail's own."""
    return _HEAD.match(content[:65_536]) is not None and b"\n\n" in content.replace(b"\r\n", b"\n")


def open_mail(content: bytes) -> Opened:
    """Return header lines as words and what each part holds as a file. Raise `CannotOpen` for a broken coding."""
    opened = Opened()
    for part in email.message_from_bytes(content, policy=email.policy.default).walk():
        lines = "\n".join(f"{name}: {value}" for name, value in part.items())
        raw = "\n".join(f"{name}: {value}" for name, value in part.raw_items())
        between = f"{part.preamble or ''}\n{part.epilogue or ''}".strip()
        opened.texts.extend((("mail header", lines), ("mail header as written", raw), ("mail between parts", between)))
        if part.get_content_maintype() == "text":
            opened.texts.append(("mail body as written", str(part.get_payload())))
        if not part.is_multipart():
            opened.inner.append((part.get_filename() or "mail body", _content(part)))
        if part.defects:
            raise CannotOpen("the mail is not well formed; write it again")
    return opened


def _content(part: Message) -> bytes:
    coding = str(part.get("content-transfer-encoding", "")).strip().lower()
    if coding not in _CODINGS:
        raise CannotOpen("a part of the mail is coded in an unknown way; attach it as it is")
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        raise CannotOpen("a part of the mail cannot be read; attach it as a file")
    charset = part.get_content_charset()
    if part.get_content_maintype() == "text" and charset not in (None, "utf-8", "us-ascii"):
        try:
            return data.decode(charset).encode()
        except (LookupError, UnicodeDecodeError):
            raise CannotOpen("a part of the mail is in unknown letters; write it in UTF-8") from None
    return data
