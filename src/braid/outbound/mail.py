"""E-mail (RFC 5322): a neutral sender and subject, the words in the body, files attached; delivered by SMTP."""

from __future__ import annotations

import contextlib
import hashlib
import re
import smtplib
import ssl
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import PurePath

from braid.outbound.content import Content, write_out
from braid.outbound.model import (
    ChannelNotAvailable,
    ChannelRefused,
    ChannelUncertain,
    ContactPutOff,
    Draft,
    DraftRefused,
    File,
    TableFile,
    Text,
)
from braid.outbound.pictures import is_picture, without_metadata
from braid.outbound.routes import Routes
from braid.trust.guard import Recipient

SUBJECT = "A message for you"
"""Of every mail to a person: a subject line is read over a shoulder and on a locked screen."""
REMINDER_SUBJECT = "Braid: your work list"
"""Of what goes to a colleague at work by itself: it names the program, so that it does not look like bait."""
_POLICY = SMTP.clone(cte_type="7bit")
"""Every mail server carries seven bits without changing them: the bytes that arrive are those that were released."""
_KINDS = {
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".ics": "text/calendar",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_THIS_MACHINE = {"127.0.0.1", "::1", "localhost"}
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def make_mail(draft: Draft, recipient: Recipient) -> Content:
    """Return the mail as it goes over the wire. Nothing in it names a machine, a program or a person at work."""
    if not is_address(recipient.contact):
        raise DraftRefused("The contact is not an e-mail address that SMTP carries: choose or correct it.")
    if any(isinstance(piece, TableFile) for piece in draft.pieces):
        raise DraftRefused("A table leaves as an export: draft it for the channel export.")
    message = EmailMessage(policy=_POLICY)
    message["From"] = f"{draft.sender.name} <{draft.sender.email}>"
    message["To"] = recipient.contact
    message["Subject"] = REMINDER_SUBJECT if draft.is_automatic else SUBJECT
    if draft.is_automatic:
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers it
    message["Date"] = draft.written_at
    message.set_content(write_out(tuple(piece for piece in draft.pieces if isinstance(piece, Text))))
    pieces = tuple(_bare(piece) if isinstance(piece, File) else piece for piece in draft.pieces)
    for piece in pieces:
        if isinstance(piece, File):
            main, sub = _KINDS.get(PurePath(piece.name).suffix.lower(), "application/octet-stream").split("/")
            message.add_attachment(piece.content, maintype=main, subtype=sub, filename=piece.name)
    said = (draft.reference, recipient.party_id, draft.written_at.isoformat(), draft.message_id)
    mark = hashlib.sha256("\0".join(said).encode()).hexdigest()[:32]
    message["Message-ID"] = f"<{mark}@{_domain(draft.sender.email)}>"
    if message.is_multipart():
        message.set_boundary(f"=_{mark}")
    return Content(message.as_bytes(), "message.eml", "message/rfc822", pieces)


def is_address(text: str) -> bool:
    """Whether a text is an e-mail address that SMTP carries."""
    return _ADDRESS.fullmatch(text) is not None


def send_mail(payload: bytes, recipient: Recipient, routes: Routes, sender: str) -> None:
    """Hand the mail to the server. Raises `ChannelNotAvailable` to try again, `ContactPutOff` where it is this
    recipient's mailbox that is not, `ChannelUncertain` where the server may have it, and `ChannelRefused` for good.

    For good is what the server says of this recipient or this mail (RCPT, DATA). What it says before, of itself, of the
    sender or of a password, is nobody's contact at fault: it is mended, and then tried again.
    """
    if not routes.smtp_host:
        raise ChannelNotAvailable("No mail server is set up: name it in the settings.")
    if not routes.smtp_tls and routes.smtp_host not in _THIS_MACHINE:
        raise ChannelNotAvailable("A mail server on another machine needs encryption: set smtp_tls.")
    handed = False
    try:
        server = smtplib.SMTP(
            routes.smtp_host, routes.smtp_port, local_hostname=_domain(sender), timeout=routes.timeout_seconds
        )
        with contextlib.closing(server):
            if routes.smtp_tls:
                server.starttls(context=ssl.create_default_context())
            if routes.smtp_username:
                server.login(routes.smtp_username, routes.smtp_password)
            handed = True
            try:
                server.sendmail(sender, [recipient.contact], payload)
            except smtplib.SMTPSenderRefused as refusal:
                raise _not_available(refusal.smtp_code) from None
            with contextlib.suppress(OSError, smtplib.SMTPException):  # it has the mail; how it parts is no matter
                server.quit()
    except smtplib.SMTPRecipientsRefused as refusal:
        _raise_for(max(code for code, _ in refusal.recipients.values()))
    except smtplib.SMTPResponseException as answer:
        if not handed:
            raise _not_available(answer.smtp_code) from None
        if answer.smtp_code < 400:  # no answer that says no: it may have taken the mail
            raise ChannelUncertain("The mail server's answer is none: it may have the mail.") from None
        _raise_for(answer.smtp_code)
    except (OSError, smtplib.SMTPException):
        kind = ChannelUncertain if handed else ChannelNotAvailable
        raise kind("The mail server does not answer: it is tried again.") from None


def _bare(file: File) -> File:
    """Return the file; of a picture, its points alone."""
    return replace(file, content=without_metadata(file.content)) if is_picture(file.content) else file


def _raise_for(code: int) -> None:
    """Raise by the class of the reply to a recipient or a mail (RFC 5321, 4.2.1): 5 is for good, all else for now."""
    if code >= 500:
        raise ChannelRefused(f"The mail server refused with {code}: check the contact with a human.") from None
    raise ContactPutOff(f"The mail server put it off with {code}: it is tried again.") from None


def _not_available(code: int) -> ChannelNotAvailable:
    return ChannelNotAvailable(
        f"The mail server answered {code} before it was told a recipient: check smtp in the settings. It is tried"
        " again."
    )


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
