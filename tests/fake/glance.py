"""As much of Glance v2 as the portal uses, with its oddities (their numbers are IMAGE_API.md's)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from . import data
from .errors import GlanceError
from .records import FakeImage, FakeToken, isotime
from .wire import Call, Reply

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LIST_PARAMETERS = {
    "limit", "marker", "sort_key", "sort_dir", "visibility", "member_status", "os_hidden",
    "owner", "name", "id",
}  # fmt: skip


class FakeImages:
    """The images of all regions and what may be done with them, members apart."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.images: dict[str, FakeImage] = {}
        self.quota = 128
        self.now = now
        self._numbers = itertools.count()

    def visible(self, image_id: str, token: FakeToken, region: str) -> FakeImage:
        image = self.images.get(image_id)
        if image is None or image.region != region or not image.is_visible_to(token):
            raise GlanceError(404, f"No image found with ID {image_id}")
        return image

    def index(self, call: Call, token: FakeToken, region: str) -> Reply:
        params = call.params
        unknown = set(params) - _LIST_PARAMETERS
        assert not unknown, f"Glance would take {unknown} for properties and find nothing (trap 8)"
        limit = min(1000, _positive(params.get("limit", "25")))
        found = [image for image in self._matching(params, token) if image.region == region]
        found.sort(key=lambda image: image.place, reverse=True)
        assert params.get("sort_key", "created_at") == "created_at", params
        assert params.get("sort_dir", "desc") == "desc", params
        if "marker" in params:
            found = self._after(params["marker"], found, token)
        page = found[:limit]
        data: dict[str, Any] = {
            "images": [described(image) for image in page],
            "first": "/v2/images",
            "schema": "/v2/schemas/images",
        }
        if page and len(page) == limit:  # whether or not anything follows (trap 7)
            data["next"] = "/v2/images?" + urlencode({**params, "marker": page[-1].id})
        return Reply(200, data)

    def create(self, call: Call, token: FakeToken, region: str, new_id: str) -> Reply:
        if "member" not in token.roles and not token.is_admin:
            raise GlanceError(403, "You are not authorized to complete add_image action.")
        facts = call.json()
        data.check_facts(facts)
        image = self.add(new_id, token.project_id, region, facts)
        return Reply(201, described(image))

    def add(self, image_id: str, owner: str, region: str, properties: dict[str, Any]) -> FakeImage:
        now = self.now()
        created_at = properties.pop("created_at", now)
        updated_at = properties.pop("updated_at", created_at)
        image = FakeImage(
            id=image_id,
            owner=owner,
            region=region,
            number=next(self._numbers),
            created_at=created_at,
            updated_at=updated_at,
            properties=_new_properties() | properties,
        )
        self.images[image.id] = image
        return image

    def show(self, image: FakeImage) -> Reply:
        return Reply(200, described(image))

    def change(self, call: Call, image: FakeImage, token: FakeToken) -> Reply:
        expected = "application/openstack-images-v2.1-json-patch"
        if call.headers.get("Content-Type") != expected:
            raise GlanceError(415, f"Image PATCH expects Content-Type one of: {expected}")
        data.check_may_change(image, token, "modify_image")
        for step in call.json():
            data.patch(image, token, step)
        image.updated_at = self.now()
        return Reply(200, described(image))

    def delete(self, image: FakeImage, token: FakeToken) -> Reply:
        data.check_may_change(image, token, "delete_image")
        if image.properties["protected"]:
            message = f"Image {image.id} is protected and cannot be deleted."
            raise GlanceError(403, message)
        del self.images[image.id]
        return Reply(204)

    def _matching(self, params: dict[str, str], token: FakeToken) -> list[FakeImage]:
        hidden = params.get("os_hidden", "false").lower()
        if hidden not in {"true", "false"}:
            raise GlanceError(400, f"Invalid value '{hidden}' for 'os_hidden' filter.")
        visibility = params.get("visibility", "")
        if visibility not in {"", "community", "public", "private", "shared", "all"}:
            raise GlanceError(400, f"Invalid visibility value: {visibility}")
        status = params.get("member_status", "accepted")
        if status not in {"pending", "accepted", "rejected", "all"}:
            raise GlanceError(400, f"Invalid status: {status}")
        return [
            image
            for image in self.images.values()
            if image.is_hidden == (hidden == "true")
            and params.get("owner", image.owner) == image.owner  # exact, no operators (trap 8)
            and _has_value(params.get("name"), str(image.properties["name"]))
            and _has_value(params.get("id"), image.id)
            and _is_listed(image, token, status)
            and _has_visibility(image, token, visibility)
        ]

    def _after(self, marker: str, found: list[FakeImage], token: FakeToken) -> list[FakeImage]:
        image = self.images.get(marker)
        if image is None:
            raise GlanceError(400, f"No image found with ID {marker}")
        if not image.is_visible_to(token):
            raise GlanceError(403, f"Forbidding request, image {marker} not visible")
        return [other for other in found if other.place < image.place]


def described(image: FakeImage) -> dict[str, Any]:
    """An image as the API shows it: nothing about members (trap 5)."""
    return {
        **image.properties,
        "id": image.id,
        "owner": image.owner,
        "created_at": isotime(image.created_at),
        "updated_at": isotime(image.updated_at),
        "self": f"/v2/images/{image.id}",
        "file": f"/v2/images/{image.id}/file",
        "schema": "/v2/schemas/image",
    }


def _new_properties() -> dict[str, Any]:
    return {
        "name": None, "status": "queued", "visibility": "shared", "size": None,
        "virtual_size": None, "disk_format": None, "container_format": None, "min_disk": 0,
        "min_ram": 0, "checksum": None, "os_hash_algo": None, "os_hash_value": None,
        "os_hidden": False, "protected": False, "tags": [],
    }  # fmt: skip


def _is_listed(image: FakeImage, token: FakeToken, status: str) -> bool:
    if token.is_admin:  # member_status means nothing then (trap 4)
        return True
    if image.visibility in {"public", "community"} or image.owner == token.project_id:
        return True  # mine, whatever the status asked for (trap 3)
    rows = image.members(token.project_id) if image.visibility == "shared" else []
    return any(status in {"all", row.status} for row in rows)


def _has_visibility(image: FakeImage, token: FakeToken, visibility: str) -> bool:
    if visibility and visibility != "all":
        return image.visibility == visibility
    return bool(visibility) or image.visibility != "community" or image.owner == token.project_id


def _has_value(wanted: str | None, value: str) -> bool:
    """Operators work on some properties: ``in:a,b``, ``eq:a``; a colon in a value needs one."""
    if wanted is None:
        return True
    operator, separator, operand = wanted.partition(":")
    if not separator:
        return wanted == value
    if operator == "in":
        return value in operand.split(",")
    if operator == "eq":
        return value == operand
    raise GlanceError(400, f"Unable to filter by unknown operator '{operator}'.")


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise GlanceError(400, "limit param must be an integer") from None
    if number < 0:
        raise GlanceError(400, "limit param must be positive")
    return number
