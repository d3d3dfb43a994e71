"""A posted file as it comes in: never whole in memory, and never on a disk of ours.

Django's own handlers take the whole body before the view, or the check of the CSRF token, has seen
any of it. ``StreamedUpload`` reads the fields, which stand before the file, and stops where the
file begins: what is refused is refused before its bytes are read.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import IO, Any

import multipart
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.utils.datastructures import MultiValueDict

from sharing.cloud.errors import Interrupted
from sharing.cloud.transport import DATA_CHUNK
from sharing.services import lists

Events = Iterator["multipart.MultipartSegment | bytes | bytearray | None"]
_MOST_PARTS = 100
SILENCE_SECONDS = 60
REST_SECONDS = 20
REST_BYTES = 512 * 1024 * 1024


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

    def __init__(self, request: HttpRequest, length: int) -> None:
        self._length = length
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


class ChunkedBody:
    """A body of unknown length, sent in chunks: Django reads none of it, the server knows its end.

    The first bytes are read at once: the cloud would take an empty body for a whole image.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._first = self._read()

    @property
    def is_empty(self) -> bool:
        return not self._first

    def __iter__(self) -> Iterator[bytes]:
        """Raises ``Interrupted`` when the last chunk does not come."""
        chunk = self._first
        while chunk:
            yield chunk
            chunk = self._read()

    def _read(self) -> bytes:
        try:
            return self._stream.read(DATA_CHUNK)
        except OSError as error:
            raise Interrupted from error


def bare_file(request: HttpRequest) -> Iterable[bytes] | None:
    """The body of a request that is nothing but the file; None when there is nothing in it.

    Raises ``Interrupted`` when it breaks off before its first byte.
    """
    announced = request.META.get("CONTENT_LENGTH") or ""
    length = int(announced) if announced.isdecimal() else 0
    if length:
        return RawBody(request, length)
    if request.META.get("wsgi.input_terminated") and "HTTP_TRANSFER_ENCODING" in request.META:
        body = ChunkedBody(request.META["wsgi.input"])
        return None if body.is_empty else body
    return None


@contextmanager
def heard_out(request: HttpRequest) -> Iterator[None]:
    """Reads on, at the end, what no view wanted of the body, up to a limit in size and time.

    A server that closes a connection with unread bytes in it resets it: then the browser shows no
    answer, but a broken connection. Meanwhile a sender that is silent for too long has gone away:
    gunicorn itself would wait for ever.
    """
    sock = request.META.get("gunicorn.socket")
    if sock is not None:
        sock.settimeout(SILENCE_SECONDS)
    try:
        yield
    finally:
        deadline, left = time.monotonic() + REST_SECONDS, REST_BYTES
        with suppress(OSError):
            while left > 0 and time.monotonic() < deadline and (rest := request.read(DATA_CHUNK)):
                left -= len(rest)


class BoundedFile(FileUploadHandler):
    """A file in any other form: a list. No more of it is kept than one byte over the largest that
    is read, and none on a disk: anyone may send anything to any page. ``size`` is the whole's."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._kept = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._kept.write(raw_data[: max(0, lists.LARGEST_FILE + 1 - start)])

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self._kept.seek(0)
        return InMemoryUploadedFile(
            self._kept,
            self.field_name,
            self.file_name or "",
            self.content_type,
            file_size,
            self.charset,
            self.content_type_extra,
        )


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
            room = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
            while isinstance(segment := next(events, None), multipart.MultipartSegment):
                if segment.filename:
                    file = StreamedFile(segment.filename, _content(next(events)), events)
                    files.appendlist(segment.name, file)
                    break
                value = _field(events, room)
                room -= len(value)
                if segment.filename is None:
                    fields.appendlist(segment.name, value.decode(errors="replace"))
        except multipart.MultipartError as error:
            raise MultiPartParserError("not a form") from error
        return fields, files


def _field(events: Events, room: int) -> bytes:
    """Raises ``RequestDataTooBig`` when the fields of a form are too large, all together."""
    value = bytearray()
    for event in events:
        if event is None:
            break
        value += _content(event)
        if len(value) > room:
            raise RequestDataTooBig("the fields are too large")
    return bytes(value)


def _content(event: multipart.MultipartSegment | bytes | bytearray | None) -> bytes:
    """Bytes of a part; there are none at its end."""
    return bytes(event) if isinstance(event, bytes | bytearray) else b""
