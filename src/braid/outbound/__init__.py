"""What leaves Braid for somebody: drafts are rendered to bytes, the guard reads them, a channel delivers them."""

from braid.outbound.channels import CHANNELS, Channel, deliver, render, render_each
from braid.outbound.containers import open_container
from braid.outbound.model import (
    ChannelNotAvailable,
    ChannelRefused,
    Draft,
    DraftRefused,
    File,
    NotReleased,
    Receipt,
    Rendered,
    Sender,
    TableFile,
    Text,
)
from braid.outbound.opened import CannotOpen
from braid.outbound.routes import Routes
from braid.outbound.text_at_save import check_text_at_save

__all__ = [
    "CHANNELS",
    "CannotOpen",
    "Channel",
    "ChannelNotAvailable",
    "ChannelRefused",
    "Draft",
    "DraftRefused",
    "File",
    "NotReleased",
    "Receipt",
    "Rendered",
    "Routes",
    "Sender",
    "TableFile",
    "Text",
    "check_text_at_save",
    "deliver",
    "open_container",
    "render",
    "render_each",
]
