"""A producer's own images: making, changing and deleting them, and their bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .errors import Conflict, NotFound
from .image_api import PATCH, ImageApi
from .paths import SERVICE, image_path
from .resources import Formats, Image, ImportTask
from .transport import Download, Timeout

# After the last byte the store may still have to take the data in.
_DATA_TIMEOUT = Timeout(connect=3.05, read=120)
# While a body is sent, "connect" is how long the other side may pause before it takes more of it:
# a store that is slow for some seconds breaks nothing off.
_UPLOAD_TIMEOUT = Timeout(connect=60, read=120)


class ImageData(ImageApi):
    """Writes raise ``Forbidden`` when the role does not allow them, and ``NotFound``."""

    def get_formats(self) -> Formats:
        """What the cloud's own schema of an image allows."""
        return self._read(Formats.from_json, self._call("GET", "/schemas/image"))

    def create_image(self, facts: Mapping[str, Any]) -> Image:
        """A queued image; ``facts`` by the API's names. Raises ``Invalid`` for what is no fact,
        ``QuotaExceeded``."""
        return self._read(Image.from_json, self._call("POST", "/images", json=dict(facts)))

    def change_image(self, image_id: str, changes: Sequence[Mapping[str, Any]]) -> Image:
        """``changes`` are steps of a JSON patch. Raises ``Conflict`` when a property to remove
        is gone already, ``Forbidden`` also for a property that is not the owner's to change."""
        data = self._call(
            "PATCH", image_path(image_id), json=list(changes), headers={"Content-Type": PATCH}
        )
        return self._read(Image.from_json, data)

    def remove_image(self, image_id: str) -> None:
        """Raises ``Forbidden`` when it is protected, ``Conflict`` when it is in use."""
        self._call("DELETE", image_path(image_id))

    def upload(self, image_id: str, body: Iterable[bytes]) -> None:
        """The bytes of a queued image, sent as they come and never twice.

        What ``body`` raises comes out of here, and the image is queued again. Raises
        ``WrongFormat``; ``Conflict`` when the image has data, or gets them, already;
        ``QuotaExceeded``; ``NotFound`` when it was deleted in the meantime.
        """
        try:
            with self._checked():
                self._transport.call(
                    "PUT",
                    self._data_url(image_id),
                    service=SERVICE,
                    token=self._token.id,
                    request_id=self.request_id,
                    timeout=_UPLOAD_TIMEOUT,
                    headers={"Content-Type": "application/octet-stream"},
                    body=body,
                    expects_json=False,
                )
        except NotFound as error:
            # "Could not be found after upload" is Glance's 410 also when an upload that has just
            # broken off put the image back in the queue: only the image itself tells.
            self._call("GET", image_path(image_id))
            raise Conflict(
                error.message, service=error.service, request_id=error.request_id
            ) from error

    def download(self, image_id: str) -> Download:
        """Raises ``Forbidden`` for a deactivated image, ``NotFound`` also for one without data."""
        with self._checked():
            return self._transport.download(
                self._data_url(image_id),
                service=SERVICE,
                token=self._token.id,
                request_id=self.request_id,
                timeout=_DATA_TIMEOUT,
            )
        raise AssertionError("unreachable")

    def can_import(self) -> bool:
        """Whether this cloud fetches images from a URL (trap 19)."""
        try:
            data = self._call("GET", "/info/import")
        except NotFound:
            return False
        return self._read(lambda found: "web-download" in found["import-methods"]["value"], data)

    def import_image(self, image_id: str, url: str) -> None:
        """The cloud fetches the bytes itself, later. Raises ``Invalid`` for an address that its
        operator does not allow, ``Conflict`` when the image is not queued."""
        method = {"method": {"name": "web-download", "uri": url}}
        self._call("POST", image_path(image_id) + "/import", json=method)

    def list_import_tasks(self, image_id: str) -> tuple[ImportTask, ...]:
        """Oldest first."""
        data = self._call("GET", image_path(image_id) + "/tasks")
        tasks = self._read(lambda found: [*map(ImportTask.from_json, found["tasks"])], data)
        return tuple(sorted(tasks, key=lambda task: task.created_at))

    def _data_url(self, image_id: str) -> str:
        return f"{self._base_url}/v2{image_path(image_id)}/file"
