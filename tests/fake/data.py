"""An image's bytes and facts at the fake Glance: PUT and GET file, import, PATCH."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Callable
from datetime import datetime
from typing import Any

from .errors import GlanceError
from .records import FakeImage, FakeToken, isotime
from .wire import Call, Reply

DISK = ["ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"]
CONTAINER = ["ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"]
SCHEMA = {
    "name": "image",
    "properties": {
        "disk_format": {"type": ["null", "string"], "enum": [None, *DISK]},
        "container_format": {"type": ["null", "string"], "enum": [None, *CONTAINER]},
    },
}
_MAGIC = {"qcow2": b"QFI\xfb"}
_READ_ONLY = {"status", "checksum", "size", "virtual_size", "created_at", "updated_at"}
_FORMAT = "Image disk_format {} does not match stream data raw"


def check_may_change(image: FakeImage, token: FakeToken, action: str) -> None:
    is_owner = image.owner == token.project_id and "member" in token.roles
    if not (is_owner or token.is_admin):
        raise GlanceError(403, f"You are not authorized to complete {action} action.")


def check_facts(facts: dict[str, Any]) -> None:
    formats = (("disk_format", DISK), ("container_format", CONTAINER))
    for name, allowed in formats:
        if facts.get(name) not in {None, *allowed}:
            raise GlanceError(400, f"Provided object does not match schema: {facts[name]}")
    if len(facts.get("name") or "") > 255:
        raise GlanceError(400, "Provided object does not match schema 'image': too long")


def upload(call: Call, image: FakeImage, token: FakeToken, now: Callable[[], datetime]) -> Reply:
    """Bytes that are no such image are refused with 415 (trap 18), and stay in the store: the next
    upload for this image is a 500."""
    kind = call.headers.get("Content-Type")
    if kind != "application/octet-stream":
        raise GlanceError(415, f"Invalid content type {kind}")
    check_may_change(image, token, "upload_image")
    facts = image.properties
    if facts["status"] != "queued":
        message = f"Image status transition from {facts['status']} to saving is not allowed"
        raise GlanceError(409, message)
    if facts["checksum"]:
        raise GlanceError(500, "The server has either erred or is incapable.")
    if not (facts["disk_format"] and facts["container_format"]):
        raise GlanceError(400, "Properties disk_format, container_format must be set")
    facts["checksum"] = hashlib.md5(call.body, usedforsecurity=False).hexdigest()
    if not call.body.startswith(_MAGIC.get(facts["disk_format"], b"")):
        raise GlanceError(415, _FORMAT.format(facts["disk_format"]))
    facts |= {"status": "active", "size": len(call.body), "os_hash_algo": "sha512"}
    facts["os_hash_value"] = hashlib.sha512(call.body).hexdigest()
    image.data, image.updated_at = call.body, now()
    return Reply(204)


def download(image: FakeImage) -> Reply:
    if image.properties["status"] == "deactivated":
        raise GlanceError(403, "The requested image has been deactivated.")
    if not image.data:
        return Reply(204)
    headers = {"Content-Length": str(len(image.data))}
    return Reply(200, raw=image.data, content_type="application/octet-stream", headers=headers)


def fetch(call: Call, image: FakeImage, token: FakeToken, now: Callable[[], datetime]) -> Reply:
    """``web-download``: accepted, and done later (``end_fetch``); queued until then."""
    check_may_change(image, token, "modify_image")
    if image.properties["status"] != "queued" or any(map(_is_under_way, image.tasks)):
        raise GlanceError(409, "Image status transition is not allowed")
    url = call.json()["method"]["uri"]
    if not url.startswith(("http://", "https://")):
        raise GlanceError(400, f"URI for web-download does not pass filtering: {url}")
    image.tasks.append({"status": "processing", "message": "", "created_at": isotime(now())})
    return Reply(202)


def end_fetch(image: FakeImage, data: bytes) -> None:
    """As the task ends: with data or, without any, in a failure that says nothing."""
    if not data:
        image.tasks[-1] |= {"status": "failure", "message": "Task failed due to Internal Error"}
        image.properties["status"] = "queued"
        return
    image.tasks[-1] |= {"status": "success", "message": "Copied 0 MiB"}
    image.data = data
    image.properties |= {"status": "active", "size": len(data)}


def _is_under_way(task: dict[str, str]) -> bool:
    return task["status"] == "processing"


def patch(image: FakeImage, token: FakeToken, step: dict[str, Any]) -> None:
    name = step["path"].removeprefix("/").replace("~1", "/").replace("~0", "~")
    if name in _READ_ONLY or name.startswith(("os_hash_", "os_glance_")):
        raise GlanceError(403, f"Attribute '{name}' is read-only.")
    if step["op"] != "add" and name not in image.properties:
        raise GlanceError(409, f"Property {name} does not exist.")
    if step["op"] == "remove":
        del image.properties[name]
        return
    _check_value(token, name, step["value"])
    image.properties[name] = step["value"]


def _check_value(token: FakeToken, name: str, value: Any) -> None:
    if name == "visibility":
        if value not in {"public", "community", "shared", "private"}:
            message = f"Provided object does not match schema 'image': '{value}'"
            raise GlanceError(400, html.escape(message, quote=False))
        if value == "public" and not token.is_admin:
            message = "You are not authorized to complete publicize_image action."
            raise GlanceError(403, message)
    if name in {"min_disk", "min_ram"} and value < 0:
        raise GlanceError(400, f"Invalid value '{value}' for parameter '{name}'")
