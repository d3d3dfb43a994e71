"""A posted file as it comes in: never whole in memory, and never on a disk of ours.

Django's own handlers take the whole body before the view, or the check of the CSRF token, has seen
any of it. ``StreamedUpload`` reads the fields, which stand before the file, and stops where the
file begins: what is refused is refused before its bytes are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import multipart
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.utils.datastructures import MultiValueDict

from sharing.cloud.errors import Interrupted
from sharing.cloud.transport import DATA_CHUNK

Events = Iterator["multipart.MultipartSegment | bytes | bytearray | None"]
_MOST_PARTS = 100


class StreamedFile:
    """The last part of a form. Its bytes can be taken once; ``size`` is what is here already."""

    def __init__(self, name: str, first: bytes, rest: Events) -> None:
        self.name = name
        self.size = len(first)
        self._first = first
        self._rest = rest

    def __iter__(self) -> Iterator[bytes]:
        """Raises ``Interrupted`` when the form ends before the file does."""
        yield self._first
        try:
            for event in self._rest:
                if event is None:
                    return
                yield _content(event)
        except (OSError, multipart.MultipartError) as error:
            raise Interrupted from error
        raise Interrupted

    def close(self) -> None:
        """Django closes all files of a request at its end; there is nothing to close."""


class RawBody:
    """A request's body that is nothing but the file; ``len()`` is what was announced."""

    def __init__(self, request: HttpRequest) -> None:
        announced = request.META.get("CONTENT_LENGTH") or ""
        self._length = int(announced) if announced.isdecimal() else 0
        self._request = request

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        """Raises ``Interrupted`` when fewer bytes come than were announced."""
        left = self._length
        while left:
            try:
                chunk = self._request.read(min(left, DATA_CHUNK))
            except OSError as error:
                raise Interrupted from error
            if not chunk:
                raise Interrupted
            left -= len(chunk)
            yield chunk


class StreamedUpload(FileUploadHandler):
    """Takes the whole parsing over from Django. The fields after the file are not looked at."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],  # Django's own name for it
        content_length: int,
        boundary: bytes | str,
        encoding: str | None = None,
    ) -> tuple[QueryDict, MultiValueDict[str, Any]]:
        fields = QueryDict(mutable=True, encoding=encoding)
        files: MultiValueDict[str, Any] = MultiValueDict()
        try:
            parser = multipart.PushMultipartParser(
                boundary, content_length=content_length, max_segment_count=_MOST_PARTS
            )
            events = parser.parse_blocking(input_data.read, DATA_CHUNK)
            while isinstance(segment := next(events, None), multipart.MultipartSegment):
                if segment.filename:
                    file = StreamedFile(segment.filename, _content(next(events)), events)
                    files.appendlist(segment.name, file)
                    break
                value = _field(events)
                if segment.filename is None:
                    fields.appendlist(segment.name, value.decode(errors="replace"))
        except multipart.MultipartError as error:
            raise MultiPartParserError("not a form") from error
        return fields, files

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        raise NotImplementedError

    def file_complete(self, file_size: int) -> None:
        raise NotImplementedError


def _field(events: Events) -> bytes:
    value = bytearray()
    for event in events:
        if event is None:
            break
        value += _content(event)
        if len(value) > (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0):
            raise RequestDataTooBig("a field is too large")
    return bytes(value)


def _content(event: multipart.MultipartSegment | bytes | bytearray | None) -> bytes:
    """Bytes of a part; there are none at its end."""
    return bytes(event) if isinstance(event, bytes | bytearray) else b""
