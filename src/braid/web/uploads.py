"""Files as they arrive: in memory alone, and read no further than a file may be long.

What Django does of itself writes a longer file to a temporary folder, where it would rest unsealed, and reads whatever
is sent. Here the rest of what is too long is not read: the page then says so.
"""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from braid.outbound.document_file import MOST_BYTES

TOO_LARGE = "braid_upload_too_large"


class InMemory(FileUploadHandler):
    """Keeps a file in memory; stops where it is longer than any file may be, and marks the request."""

    chunk_size = 64 * 2**10

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin with nothing."""
        super().new_file(*args, **kwargs)
        self._content = bytearray()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 - Django's signature
        """Take a piece; stop at one too many."""
        self._content += raw_data
        if len(self._content) > MOST_BYTES:
            self._content.clear()
            setattr(self.request, TOO_LARGE, True)
            raise StopUpload(connection_reset=True)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return the file."""
        content = BytesIO(bytes(self._content))
        return InMemoryUploadedFile(
            content,
            self.field_name,
            self.file_name,
            self.content_type,
            file_size,
            self.charset,
            self.content_type_extra,
        )


def is_too_large(request: HttpRequest) -> bool:
    """Whether a file of the request was longer than any may be, and was not read."""
    return bool(getattr(request, TOO_LARGE, False))
