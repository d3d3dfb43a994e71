"""The producer's images: all of a page at once, one with its members, and who may see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sharing.cloud import errors
from sharing.cloud.pool import gather
from sharing.cloud.resources import Image, Member, MemberStatus, User
from sharing.models import Listing, Share
from sharing.services import history, listings, refusals
from sharing.session import Cloud

PAGE_SIZE = 25
VISIBILITIES = ("private", "shared", "community", "public")


@dataclass(frozen=True, slots=True)
class Row:
    """One image of the overview. ``tallies`` is None when its members were not asked for, or
    could not be."""

    image: Image
    tallies: Mapping[MemberStatus, int] | None
    listing: Listing | None


@dataclass(frozen=True, slots=True)
class Overview:
    """A page of images; ``next_marker`` is empty on the last one."""

    rows: Sequence[Row]
    next_marker: str
    is_counted: bool

    @property
    def has_unknown_members(self) -> bool:
        return self.is_counted and any(
            row.image.is_shared and row.tallies is None for row in self.rows
        )


def overview(*, cloud: Cloud, marker: str, by: User, is_counted: bool = True) -> Overview:
    """One list; when the members are to be counted, one call for those of each image, eight at a
    time. No row waits for another's.

    Only a shared image's members can be listed, even by its owner (trap 11).
    """
    page = cloud.images.list_images(marker=marker, limit=PAGE_SIZE)
    shared = [image.id for image in page.images if image.is_shared and is_counted]
    members = dict(zip(shared, gather(cloud.images.list_members, shared), strict=True))
    known = _listings(cloud, page.images, by)
    rows = [
        Row(image, _tallies(members.get(image.id)), known.get(image.id)) for image in page.images
    ]
    return Overview(rows, page.next_marker, is_counted)


def set_visibility(*, cloud: Cloud, image: Image, visibility: str, by: User) -> Image:
    """Change who may see the image. Its members stay, and count again once it is shared again.

    Raises ImageGone, NotAllowed (in most clouds only an operator may make an image public).
    """
    try:
        changed = cloud.images.set_visibility(image.id, visibility)
    except errors.NotFound as error:
        raise refusals.ImageGone from error
    except errors.Forbidden as error:
        raise refusals.NotAllowed from error
    history.record(
        cloud=cloud,
        by=by,
        verb=history.Verb.VISIBILITY_CHANGED,
        producer_project_id=image.owner,
        image_id=image.id,
        image_name=image.name,
        detail=f"{image.visibility} → {changed.visibility}",
    )
    return changed


def count_recorded_shares(image: Image) -> int:
    """How many projects we shared the image with: while it is not shared, the API does not say."""
    return Share.objects.filter(
        image_id=image.id, producer_project_id=image.owner, removed_at=None
    ).count()


def _tallies(
    members: tuple[Member, ...] | errors.CloudError | None,
) -> Mapping[MemberStatus, int] | None:
    if members is None or isinstance(members, errors.CloudError):
        return None
    return Counter(member.status for member in members)


def _listings(cloud: Cloud, images: Sequence[Image], by: User) -> Mapping[str, Listing | None]:
    """By image; what was thought to be gone and is in front of us is available again."""
    by_id = {image.id: image for image in images}
    found = Listing.objects.filter(image_id__in=by_id, project_id=cloud.project.id)
    return {
        one.image_id: listings.refresh(cloud=cloud, image=by_id[one.image_id], by=by)
        if one.is_unavailable
        else one
        for one in found
    }
