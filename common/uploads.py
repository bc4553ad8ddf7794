"""Uploads, within a limit that holds before a single byte of them is kept."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

#: Bytes of a form with its files. The largest that anything of ours takes is a file of 20 MB to import.
MOST: Final = 24 * 1024 * 1024


class Limit(FileUploadHandler):
    """Refuses a form that says it is larger, before it is read. Comes first among the handlers.

    What says nothing of its length has none: servers read no further than they are told.
    """

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],  # noqa: N803
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        """Look at how long it will be."""
        if content_length > MOST:
            raise RequestDataTooBig(f"More than {MOST} bytes.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """On to the handlers that keep it."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Kept by another."""
