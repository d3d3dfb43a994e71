"""The Image API v2, one short method per call, as one signed-in user for one of his projects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from .errors import (
    Broken,
    CloudError,
    Forbidden,
    Invalid,
    NotFound,
    Unavailable,
)
from .image_data import ImageData
from .paths import SERVICE, image_path, member_path
from .pool import gather, gather_or_raise
from .resources import (
    Image,
    ImagePage,
    Member,
    MemberStatus,
    SharedImage,
    normalise_project_id,
)
from .transport import Timeout, Transport, new_request_id

_HIDDEN = "hidden:"
_MOST_NAMED = 40  # IDs in one list call
_MOST_ASKED_FOR = 100  # memberships, for a mere count
_STALE_MARKER = (Invalid, Forbidden, NotFound)


class ImagesClient(ImageData):
    """Lists, members and visibility; what ``ImageData`` adds is about one's own images."""

    def list_images(self, *, marker: str = "", limit: int = 25) -> ImagePage:
        """A page of the project's own images, newest first; the hidden ones after all others.

        ``marker`` is a page's ``next_marker``; the API cannot list hidden images together with
        others, so it says which of the two lists it is in. When its image is gone, the first page
        is shown again (trap 7).
        """
        try:
            return self._page(marker, limit)
        except _STALE_MARKER:
            if not marker:
                raise
        return self._page("", limit)

    def get_image(self, image_id: str) -> Image:
        """Raises ``NotFound`` also for an image that is not for this project."""
        return self._read(Image.from_json, self._call("GET", image_path(image_id)))

    def list_members(self, image_id: str) -> tuple[Member, ...]:
        """Every member as the owner sees them, oldest first; to a member, itself only.

        Once per project: of two rows (trap 2), the first, which is the one that the API changes.
        Raises ``Forbidden`` when the image is not ``shared``, to the owner as well (trap 11).
        """
        data = self._call("GET", image_path(image_id) + "/members")
        members: dict[str, Member] = {}
        for member in self._read(lambda found: [*map(Member.from_json, found["members"])], data):
            members.setdefault(member.project_id, member)
        return tuple(sorted(members.values(), key=lambda member: member.created_at))

    def get_member(self, image_id: str, project_id: str) -> Member:
        return self._read(Member.from_json, self._call("GET", member_path(image_id, project_id)))

    def add_member(self, image_id: str, project_id: str) -> Member:
        """A new, pending member.

        Raises ``Invalid``, without asking, for what is no project ID or is the owner's own: the
        API would take both (trap 1). Otherwise ``NotFound``; ``Forbidden`` when the image is not
        ``shared``, not mine or my role does not allow it; ``QuotaExceeded``, at the limit also
        for a project that is a member (trap 9); ``Conflict`` when it is one.
        """
        path = image_path(image_id) + "/members"
        wanted = normalise_project_id(project_id)
        if wanted is None:
            raise Invalid("not a project ID", service=SERVICE, request_id=self.request_id)
        if wanted == self._project_id and not self._token.is_admin:
            raise Invalid("the owner's own project", service=SERVICE, request_id=self.request_id)
        return self._read(Member.from_json, self._call("POST", path, json={"member": wanted}))

    def remove_member(self, image_id: str, project_id: str) -> None:
        """Remove every row of the member (trap 2). Raises ``NotFound`` when there was none."""
        path = member_path(image_id, project_id)
        self._call("DELETE", path)
        for _ in range(20):
            try:
                self._call("DELETE", path)
            except NotFound:
                return

    def set_member_status(self, image_id: str, project_id: str, status: MemberStatus) -> Member:
        """Answer for the project. Raises ``Forbidden`` when it is not mine, or I own the image."""
        path = member_path(image_id, project_id)
        return self._read(Member.from_json, self._call("PUT", path, json={"status": status}))

    def set_visibility(self, image_id: str, visibility: str) -> Image:
        """Away from ``shared`` keeps the members; back again, they are as they were (trap 11)."""
        return self._replace(image_id, "visibility", visibility)

    def set_hidden(self, image_id: str, *, is_hidden: bool) -> Image:
        """A hidden image is in no list; who knows its ID boots from it all the same (trap 6)."""
        return self._replace(image_id, "os_hidden", is_hidden)

    def list_shared_with_me(self, status: MemberStatus) -> tuple[SharedImage, ...]:
        """All images that other projects share with mine in that status, newest image first.

        Leaves out my own, which the API lists too (trap 3); has the hidden ones, which it does
        not (trap 6). With an admin's token the API lists everybody's, in any status (trap 4): then
        each one's membership is asked for.
        """

        return self._shared(status, self._both_lists(status))

    def find_shared_with_me(
        self, status: MemberStatus, image_ids: Sequence[str]
    ) -> tuple[SharedImage, ...]:
        """Those of ``image_ids`` that ``list_shared_with_me`` has, without all the others."""
        starts = range(0, len(image_ids), _MOST_NAMED)
        chunks = [",".join(image_ids[start : start + _MOST_NAMED]) for start in starts]

        def found(part: tuple[str, bool]) -> list[Image]:
            return self._list_status(status, part[1], id=f"in:{part[0]}")

        parts = [(chunk, is_hidden) for chunk in chunks for is_hidden in (False, True)]
        return self._shared(status, gather_or_raise(found, parts))

    def count_waiting(self) -> int | None:
        """How many images wait for my project's answer, by one call after another: where several
        projects are looked at, each is to take one place.

        None with an admin's token that sees too many to ask for each (trap 4). What was answered
        and still has a second, pending row (trap 2) is found as long as few wait.
        """
        waiting = self._not_mine(self._both_lists("pending", at_once=1))
        if self._token.is_admin:
            if len(waiting) > _MOST_ASKED_FOR:
                return None
            return len(self._where_i_am("pending", waiting, at_once=1))
        if not waiting or len(waiting) > _MOST_NAMED:
            return len(waiting)
        named = "in:" + ",".join(image.id for image in waiting)
        answered: set[str] = set()
        for is_hidden in sorted({image.is_hidden for image in waiting}):
            for status in ("accepted", "rejected"):
                answered |= {image.id for image in self._list_status(status, is_hidden, id=named)}
        return len({image.id for image in waiting} - answered)

    def ping(self, timeout: Timeout) -> None:
        """Return when the Image API is alive. Raises ``Unavailable``."""
        ping(self._transport, self._base_url, timeout)

    def _replace(self, image_id: str, name: str, value: str | bool) -> Image:
        return self.change_image(image_id, [{"op": "replace", "path": f"/{name}", "value": value}])

    def _page(self, marker: str, limit: int) -> ImagePage:
        """One image more than shown is asked for: a full last page has a ``next`` too (trap 7).

        The hidden ones are asked for at the same time, and not after the others: nobody knows
        before the answer whether the page has room for them.
        """
        if marker.startswith(_HIDDEN):
            images = self._list_own(marker.removeprefix(_HIDDEN), limit + 1, is_hidden=True)
        else:
            images = self._list_both(marker, limit + 1)
        shown, rest = images[:limit], images[limit:]
        if not rest:
            return ImagePage(tuple(shown), "")
        if not rest[0].is_hidden:
            return ImagePage(tuple(shown), shown[-1].id)
        return ImagePage(tuple(shown), _HIDDEN + (shown[-1].id if shown[-1].is_hidden else ""))

    def _list_both(self, marker: str, limit: int) -> list[Image]:
        """At most ``limit``. An error in the second list counts only where that is needed."""

        def own(is_hidden: bool) -> list[Image]:
            return self._list_own("" if is_hidden else marker, limit, is_hidden=is_hidden)

        shown, hidden = gather(own, (False, True))
        if isinstance(shown, CloudError):
            raise shown
        if len(shown) >= limit:
            return shown
        if isinstance(hidden, CloudError):
            raise hidden
        return (shown + hidden)[:limit]

    def _list_own(self, marker: str, limit: int, *, is_hidden: bool) -> list[Image]:
        filters = {"owner": self._project_id, "os_hidden": "true" if is_hidden else "false"}
        return self._list(filters, marker, limit)[0]

    def _list(self, filters: Mapping[str, str], marker: str, limit: int) -> tuple[list[Image], str]:
        """Images and the marker of the next page, empty when there is no ``next``."""
        params: dict[str, str | int] = {
            **filters, "sort_key": "created_at", "sort_dir": "desc", "limit": limit
        }  # fmt: skip
        if marker:
            params["marker"] = marker
        data = self._call("GET", "/images", params=params)
        images = self._read(lambda found: [*map(Image.from_json, found["images"])], data)
        # The path in ``next`` lacks whatever path the catalogue's address has (trap 7).
        following = parse_qs(urlsplit(str(data.get("next") or "")).query).get("marker", [""])[0]
        return images, following

    def _list_all(self, filters: Mapping[str, str]) -> list[Image]:
        """Every page; from the first again, up to three times, when a marker's image is gone."""
        for is_last_try in (False, False, True):
            images: list[Image] = []
            seen = {""}
            marker = ""
            try:
                while True:
                    page, marker = self._list(filters, marker, self._page_size)
                    images += page
                    if marker in seen:
                        return images
                    seen.add(marker)
            except _STALE_MARKER:
                if not marker or is_last_try:
                    raise
        raise AssertionError("unreachable")

    def _list_status(self, status: str, is_hidden: bool, **filters: str) -> list[Image]:
        wanted = {"visibility": "shared", "member_status": status, **filters}
        return self._list_all({**wanted, "os_hidden": "true" if is_hidden else "false"})

    def _both_lists(self, status: str, *, at_once: int = 8) -> list[list[Image]]:
        """The hidden ones too, in a list of their own."""

        def shared(is_hidden: bool) -> list[Image]:
            return self._list_status(status, is_hidden)

        return gather_or_raise(shared, (False, True), limit=at_once)

    def _not_mine(self, lists: Sequence[Sequence[Image]]) -> list[Image]:
        """Of all the lists, newest first, each once; with an admin's token, everybody's."""
        found = {image.id: image for images in lists for image in images}
        others = [image for image in found.values() if not image.is_owned_by(self._project_id)]
        return sorted(others, key=lambda image: image.created_at, reverse=True)

    def _shared(
        self, status: MemberStatus, lists: Sequence[Sequence[Image]]
    ) -> tuple[SharedImage, ...]:
        others = self._not_mine(lists)
        if self._token.is_admin:
            others = self._where_i_am(status, others)
        return tuple(SharedImage(image, status) for image in others)

    def _where_i_am(
        self, status: MemberStatus, images: list[Image], *, at_once: int = 8
    ) -> list[Image]:
        """Those of ``images`` of which my project is a member in that status."""
        memberships = gather(
            lambda image: self.get_member(image.id, self._project_id), images, limit=at_once
        )
        mine: list[Image] = []
        for image, membership in zip(images, memberships, strict=True):
            if isinstance(membership, CloudError):
                if not isinstance(membership, NotFound):
                    raise membership
            elif membership.status == status:
                mine.append(image)
        return mine


def ping(transport: Transport, base_url: str, timeout: Timeout) -> None:
    """Return when the Image API at ``base_url`` is alive; needs no token. Raises ``Unavailable``.

    It says so also while Keystone or its database is down (trap 16).
    """
    try:
        transport.call(
            "GET",
            f"{base_url}/healthcheck",
            service=SERVICE,
            token=None,
            request_id=new_request_id(),
            timeout=timeout,
            expects_json=False,
            can_retry=False,
        )
    except CloudError as error:
        if isinstance(error, Unavailable):
            raise
        failure = Broken(error.message, service=SERVICE, request_id=error.request_id)
    else:
        return
    raise failure
