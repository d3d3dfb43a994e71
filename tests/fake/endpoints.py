"""The Image API's routes, and what stands before them: the token, the request ID, the versions."""

from __future__ import annotations

import uuid

from . import data
from .errors import GlanceError
from .glance import UUID, FakeImages
from .keystone import FakeKeystone
from .members import FakeMembers
from .records import FakeToken
from .wire import Call, Reply

UNVERIFIED = "This server could not verify that you are authorized to access the document."


class FakeGlance:
    """``is_keystone_up`` is what Glance finds when it asks about a token. With
    ``remembers_tokens`` it does not ask twice, as Glance does not for 300 s (trap 14)."""

    def __init__(self, keystone: FakeKeystone, images: FakeImages) -> None:
        self.images = images
        self.members = FakeMembers(images.now, lambda: images.quota)
        self.is_keystone_up = True
        self.remembers_tokens = False
        self.import_methods = ["glance-direct", "web-download"]
        self._keystone = keystone

    def answer(self, call: Call, region: str) -> Reply:
        if call.path == "/healthcheck":  # whatever else is down (trap 16)
            return Reply(200, {"detailed": False, "reasons": ["OK"]})
        if not call.path.startswith("/v2/"):
            return Reply(300, {"versions": [{"id": "v2.15", "status": "CURRENT"}]})
        token = self._token(call)
        if token is None:  # without a request ID (trap 15)
            return GlanceError(401, UNVERIFIED).reply(call)
        request_id = call.headers.get("X-Openstack-Request-Id") or f"req-{uuid.uuid4()}"
        if len(request_id) > 64:
            return GlanceError(500, "The server has either erred or is incapable.").reply(call)
        try:
            reply = self._routed(call, token, region)
        except GlanceError as error:
            reply = error.reply(call)
        reply.headers["X-Openstack-Request-Id"] = request_id
        return reply

    def _token(self, call: Call) -> FakeToken | None:
        """The token that Glance believes in: with Keystone away, none but a remembered one."""
        token = self._keystone.tokens.get(call.token)
        if self.remembers_tokens and token is not None and token.is_remembered:
            return token
        if not self.is_keystone_up or self._keystone.valid(call.token) is None:
            return None
        if token is not None:
            token.is_remembered = True
        return token

    def _routed(self, call: Call, token: FakeToken, region: str) -> Reply:
        segments = call.segments[1:]
        if segments[0] == "info":
            return self._info(call)
        if segments == ["schemas", "image"]:
            return Reply(200, data.SCHEMA)
        assert segments[0] == "images", f"the fake Glance has no {call}"
        if len(segments) == 1:
            return self._collection(call, token, region)
        assert not call.params, f"unknown parameters: {call.params}"
        return self._image(call, token, region, segments[1:])

    def _info(self, call: Call) -> Reply:
        methods = {"value": self.import_methods, "type": "array"}
        answers = {
            "/v2/info/import": {"import-methods": methods},
            "/v2/info/stores": {"stores": [{"id": "fs", "default": "true"}]},
        }
        return Reply(200, answers[call.path])

    def _collection(self, call: Call, token: FakeToken, region: str) -> Reply:
        if call.method == "POST":
            return self.images.create(call, token, region, str(uuid.uuid4()))
        assert call.method == "GET", f"the fake Glance has no {call}"
        return self.images.index(call, token, region)

    def _image(self, call: Call, token: FakeToken, region: str, segments: list[str]) -> Reply:
        assert UUID.fullmatch(segments[0]), f"not an image ID: {segments[0]}"
        if segments[1:2] == ["members"]:
            return self._members(call, token, region, segments)
        image = self.images.visible(segments[0], token, region)
        match [call.method, *segments[1:]]:
            case ["GET"]:
                return self.images.show(image)
            case ["PATCH"]:
                return self.images.change(call, image, token)
            case ["DELETE"]:
                return self.images.delete(image, token)
            case ["PUT", "file"]:
                return data.upload(call, image, token, self.images.now)
            case ["GET", "file"]:
                return data.download(image)
            case ["POST", "import"]:
                return data.fetch(call, image, token, self.images.now)
            case ["GET", "tasks"]:
                return Reply(200, {"tasks": image.tasks})
        raise AssertionError(f"the fake Glance has no {call}")

    def _members(self, call: Call, token: FakeToken, region: str, segments: list[str]) -> Reply:
        if len(segments) > 3:
            # A slash in a member's name, even a quoted one, makes the path another (trap 1).
            raise GlanceError(404, "The resource could not be found.")
        image = self.images.visible(segments[0], token, region)
        match [call.method, *segments[2:]]:
            case ["GET"]:
                return self.members.index(image, token)
            case ["POST"]:
                return self.members.create(call, image, token)
            case ["GET", project_id]:
                return self.members.show(image, project_id, token)
            case ["PUT", project_id]:
                return self.members.change(call, image, project_id, token)
            case ["DELETE", project_id]:
                return self.members.delete(image, project_id, token)
        raise AssertionError(f"the fake Glance has no {call}")
