"""Whatever anyone sends to any page: neither memory nor a disk of ours fills up."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from sharing.services import lists
from tests.conftest import Party
from tests.views.producer.reading import said

pytestmark = pytest.mark.django_db
MEBIBYTE = 1024 * 1024


class Endless(BytesIO):
    """A form with one file of so many MiB, made as it is read."""

    HEAD = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n'
        b"Content-Type: text/csv\r\n\r\n"
    )
    TAIL = b"\r\n--b--\r\n"

    def __init__(self, mebibytes: int) -> None:
        self.length = len(self.HEAD) + mebibytes * MEBIBYTE + len(self.TAIL)
        self._parts = self._made(mebibytes)
        self._rest = b""

    def _made(self, mebibytes: int) -> Iterator[bytes]:
        yield self.HEAD
        for _ in range(mebibytes * 16):
            yield b"x" * (MEBIBYTE // 16)
        yield self.TAIL

    def read(self, size: int | None = -1) -> bytes:
        while len(self._rest) < (size or 0) and (part := next(self._parts, None)):
            self._rest += part
        found, self._rest = self._rest[:size], self._rest[size:]
        return found


def test_no_file_lies_on_a_disk_of_ours(settings: Settings, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "none")  # who wrote there would fail
    file = SimpleUploadedFile("big.csv", b"x" * (5 * MEBIBYTE))
    assert Client().post("/sign-in/", {"file": file}).status_code == 422


def test_nor_in_memory() -> None:
    body = Endless(64)
    tracemalloc.start()
    extra: dict[str, Any] = {
        "wsgi.input": body,
        "CONTENT_LENGTH": str(body.length),
        "CONTENT_TYPE": "multipart/form-data; boundary=b",
    }
    answer = Client().generic("POST", "/sign-in/", **extra)
    assert body.read(1) == b""
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 422
    assert peak < 16 * MEBIBYTE


def test_a_list_that_is_too_large_is_still_said(producer: Party) -> None:
    file = SimpleUploadedFile("big.csv", b"x" * (lists.LARGEST_FILE + 1))
    answer = producer.client.post("/producer/bulk/", {"rows": "", "file": file})
    assert answer.status_code == 422
    assert "2 MiB" in said(answer)


def test_many_files_at_once_are_refused() -> None:
    files = {f"file{number}": SimpleUploadedFile("x.csv", b"x") for number in range(2)}
    assert Client().post("/sign-in/", files).status_code in {400, 413}


@pytest.mark.parametrize("path", ["/producer/images/new/"])
def test_many_large_fields_are_refused_together(producer: Party, path: str) -> None:
    """Each of them would be small enough, also where the file streams through."""
    fields = {f"field{number}": "x" * MEBIBYTE for number in range(4)}
    assert producer.client.post(path, fields).status_code == 413
