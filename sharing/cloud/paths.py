"""Where in the Image API a thing is. Nothing that was typed may make a path another one."""

from __future__ import annotations

import re
from urllib.parse import quote

from .errors import NotFound

SERVICE = "Image API"
_IMAGE_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def image_path(image_id: str) -> str:
    """Only a UUID gets into a path: ``..`` or a slash would make it another one."""
    if not _IMAGE_ID.fullmatch(image_id):
        raise NotFound("not an image ID", service=SERVICE)
    return f"/images/{image_id.lower()}"


def member_path(image_id: str, project_id: str) -> str:
    """A member may have any name (trap 1), but not each can be put into a path."""
    if project_id in {"", ".", ".."} or "/" in project_id:
        raise NotFound("not a project ID", service=SERVICE)
    return f"{image_path(image_id)}/members/{quote(project_id, safe='')}"
