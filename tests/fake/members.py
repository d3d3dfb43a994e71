"""Glance's member calls: who may do what, in the order in which it is checked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from .errors import GlanceError
from .records import FakeImage, FakeMember, FakeToken, isotime
from .wire import Call, Reply


class FakeMembers:
    def __init__(self, now: Callable[[], datetime], quota: Callable[[], int]) -> None:
        self._now = now
        self._quota = quota

    def index(self, image: FakeImage, token: FakeToken) -> Reply:
        if image.visibility != "shared":  # the owner's list too (trap 11)
            message = f"Not allowed to list members for image {image.id}"
            raise GlanceError(403, f"{message}: Only shared images have members.")
        rows = self._readable(image, token)
        members = [described(image, row) for row in rows]
        return Reply(200, {"members": members, "schema": "/v2/schemas/members"})

    def create(self, call: Call, image: FakeImage, token: FakeToken) -> Reply:
        """Order: body, image (before), visibility, policy, quota, duplicate (trap 9)."""
        project_id = _new_member(call.json())
        self._check_shared(image, "create")
        self._check_owner(image, token, "add_member")
        if len(image.members()) >= self._quota():
            raise GlanceError(413, f"Image member limit exceeded for image {image.id}")
        if image.members(project_id):
            message = f"Member {project_id} is duplicated for image {image.id}"
            raise GlanceError(409, message)
        return Reply(200, described(image, self.add(image, project_id)))

    def add(self, image: FakeImage, project_id: str, status: str = "pending") -> FakeMember:
        """Nothing is checked (trap 1); an old row keeps its ``created_at`` (trap 12)."""
        now = self._now()
        for row in image.rows:
            if row.is_removed and row.project_id == project_id:
                row.is_removed, row.status, row.updated_at = False, status, now
                return row
        image.rows.append(FakeMember(project_id, now, now, status))
        return image.rows[-1]

    def show(self, image: FakeImage, project_id: str, token: FakeToken) -> Reply:
        if image.visibility != "shared":
            raise GlanceError(404, "Only shared images have members.")
        return Reply(200, described(image, self._found(image, project_id, token)))

    def change(self, call: Call, image: FakeImage, project_id: str, token: FakeToken) -> Reply:
        body = call.json()
        if "status" not in body:
            raise GlanceError(400, "Status not specified")
        self._check_shared(image, "update")
        row = self._found(image, project_id, token)  # the first of several (trap 2)
        is_own = project_id == token.project_id and "member" in token.roles
        if not (is_own or token.is_admin):
            raise GlanceError(403, "You are not authorized to complete modify_member action.")
        status = body["status"]
        if status not in {"pending", "accepted", "rejected"}:
            raise GlanceError(400, "Incorrect request: Status must be one of three.")
        if row.status != status:  # the same again does not move the time (trap 12)
            row.status, row.updated_at = status, self._now()
        return Reply(200, described(image, row))

    def delete(self, image: FakeImage, project_id: str, token: FakeToken) -> Reply:
        self._check_shared(image, "delete")
        row = self._found(image, project_id, token)
        self._check_owner(image, token, "delete_member")
        row.is_removed, row.updated_at = True, self._now()
        return Reply(204)

    def _readable(self, image: FakeImage, token: FakeToken) -> list[FakeMember]:
        is_all = token.is_admin or image.owner == token.project_id
        return image.members(None if is_all else token.project_id)

    def _found(self, image: FakeImage, project_id: str, token: FakeToken) -> FakeMember:
        for row in self._readable(image, token):
            if row.project_id == project_id:
                return row
        raise GlanceError(404, f"{project_id} not found in the member list of {image.id}.")

    def _check_shared(self, image: FakeImage, action: str) -> None:
        if image.visibility != "shared":
            raise GlanceError(403, f"Not allowed to {action} members for image {image.id}.")

    def _check_owner(self, image: FakeImage, token: FakeToken, action: str) -> None:
        is_owner = image.owner == token.project_id and "member" in token.roles
        if not (is_owner or token.is_admin):
            raise GlanceError(403, f"You are not authorized to complete {action} action.")


def described(image: FakeImage, row: FakeMember) -> dict[str, Any]:
    return {
        "member_id": row.project_id,
        "image_id": image.id,
        "status": row.status,
        "created_at": isotime(row.created_at),
        "updated_at": isotime(row.updated_at),
        "schema": "/v2/schemas/member",
    }


def _new_member(body: Any) -> str:
    if not isinstance(body, dict) or "member" not in body:
        raise GlanceError(400, "Member to be added not specified")
    project_id = body["member"]
    if not project_id:
        raise GlanceError(400, "Member can't be empty")
    if not isinstance(project_id, str):
        raise GlanceError(500, "The server has either erred or is incapable.")
    return project_id
