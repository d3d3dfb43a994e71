"""What other projects share with the signed-in one: the drawers, and how one share stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.core.paginator import Page, Paginator

from sharing.cloud import errors
from sharing.cloud.pool import gather, gather_or_raise
from sharing.cloud.resources import STATUSES, Image, Member, MemberStatus, SharedImage
from sharing.models import Listing, Share
from sharing.services.image_shares import ImageShare
from sharing.session import Cloud

PAGE_SIZE = 25

Drawers = Mapping[MemberStatus, tuple[SharedImage, ...]]


@dataclass(frozen=True, slots=True)
class Letter:
    """One share in a drawer. ``shared_at`` is None when it was withdrawn a moment ago."""

    image: Image
    status: MemberStatus
    shared_at: datetime | None
    note: str
    listing: Listing | None

    @property
    def name(self) -> str:
        return self.image.name or self.image.id

    @property
    def has_warnings(self) -> bool:
        return self.image.is_hidden or not self.image.is_active


@dataclass(frozen=True, slots=True)
class Drawer:
    """One page of one of the three lists, newest share first, and how many are in each."""

    status: MemberStatus
    counts: Mapping[MemberStatus, int]
    page: Page[SharedImage]
    letters: Sequence[Letter]


def list_drawers(*, cloud: Cloud) -> Drawers:
    """The three lists, fetched at once. What was answered waits no more, even where a second row
    of the same member (trap 2), which nobody can change, is still pending."""
    pending, accepted, rejected = gather_or_raise(cloud.images.list_shared_with_me, STATUSES)
    answered = {shared.image.id for shared in accepted + rejected}
    waiting = tuple(shared for shared in pending if shared.image.id not in answered)
    return {"pending": waiting, "accepted": accepted, "rejected": rejected}


def open_drawer(*, cloud: Cloud, status: MemberStatus, page: str) -> Drawer:
    """``page`` is what stands in the address: nonsense is the first, too high the last."""
    drawers = list_drawers(cloud=cloud)
    records = _records(cloud, drawers[status])

    def arrived(shared: SharedImage) -> datetime:
        record = records.get(shared.image.id)
        return record.shared_at if record else shared.image.created_at

    newest_first = sorted(drawers[status], key=arrived, reverse=True)
    shown = Paginator(newest_first, PAGE_SIZE).get_page(page)
    return Drawer(
        status=status,
        counts={name: len(images) for name, images in drawers.items()},
        page=shown,
        letters=_letters(cloud, list(shown.object_list), records),
    )


class State(StrEnum):
    """How a share stands. The first three are the member's status."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    OWN = "own"  # the signed-in project is the image's producer
    EVERYONE = "everyone"  # public or community: nobody needs to be a member
    WITHDRAWN = "withdrawn"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand between an image and the signed-in project."""

    state: State
    image: Image | None = None
    member: Member | None = None
    share: Share | None = None
    listing: Listing | None = None

    @property
    def can_be_answered(self) -> bool:
        return self.member is not None

    @property
    def image_name(self) -> str:
        return self.image.name if self.image else self.share.image_name if self.share else ""

    @property
    def producer_project_id(self) -> str:
        return (
            self.image.owner if self.image else self.share.producer_project_id if self.share else ""
        )

    @property
    def shared_at(self) -> datetime | None:
        if self.member:
            return ImageShare(self.member, self.share, None, None).shared_at
        is_past = self.state == State.EVERYONE and not self.is_recorded
        return self.share.shared_at if self.share and not is_past else None

    @property
    def is_recorded(self) -> bool:
        """Whether our record is of this share, and not of one that was removed before it."""
        return self.share is not None and self.share.removed_at is None

    @property
    def note(self) -> str:
        return self.share.note if self.share and self.is_recorded else ""

    @property
    def ends_on(self) -> date | None:
        """The day on which the producer means to end it."""
        return self.share.ends_on if self.share and self.is_recorded and self.member else None

    @property
    def answered_at(self) -> datetime | None:
        """When the project last chose, "decide later" included."""
        if self.member is None:
            return None
        return ImageShare(self.member, self.share, None, None).answered_at


def standing(*, cloud: Cloud, image_id: str) -> Standing | None:
    """None when the project never had to do with the image, as far as it may know.

    What is no longer there is told from our own record of this project's share, and from nothing
    else: the Image API does not tell "deleted" from "not for you".
    """
    shares = Share.objects.filter(image_id=image_id, project_id=cloud.project.id)
    listings = Listing.objects.filter(image_id=image_id)
    try:
        image = cloud.images.get_image(image_id)
    except errors.NotFound:
        return _past(shares.order_by("-shared_at").first(), listings.first())
    share = shares.filter(producer_project_id=image.owner).select_related("request").first()
    listing = listings.filter(project_id=image.owner).first()
    if image.is_owned_by(cloud.project.id):
        return Standing(State.OWN, image, listing=listing)
    if image.visibility in {"public", "community"}:
        return Standing(State.EVERYONE, image, share=share, listing=listing)
    try:
        member = cloud.images.get_member(image_id, cloud.project.id)
    except (errors.NotFound, errors.Forbidden):
        return _past(share, listing)  # an admin sees what is not shared with him
    return Standing(State(member.status), image, member, share, listing)


def _past(share: Share | None, listing: Listing | None) -> Standing | None:
    if share is None:
        return None
    state = State.WITHDRAWN if share.removed_at else State.GONE
    return Standing(state, share=share, listing=listing)


def _records(cloud: Cloud, images: Sequence[SharedImage]) -> dict[str, Share]:
    """What we know of this project's shares, by image; those made elsewhere have no record."""
    mine = Share.objects.filter(project_id=cloud.project.id, removed_at=None)
    found = {(share.image_id, share.producer_project_id): share for share in mine}
    pairs = ((one.image.id, found.get((one.image.id, one.image.owner))) for one in images)
    return {image_id: share for image_id, share in pairs if share}


def _letters(
    cloud: Cloud, shown: Sequence[SharedImage], records: Mapping[str, Share]
) -> list[Letter]:
    ids = [shared.image.id for shared in shown]
    listings = {
        (listing.image_id, listing.project_id): listing
        for listing in Listing.objects.filter(image_id__in=ids)
    }
    times = _times(cloud, [image_id for image_id in ids if image_id not in records])
    return [
        Letter(
            image=shared.image,
            status=shared.status,
            shared_at=record.shared_at if record else times[shared.image.id],
            note=record.note if record else "",
            listing=listings.get((shared.image.id, shared.image.owner)),
        )
        for shared, record in ((shared, records.get(shared.image.id)) for shared in shown)
    ]


def _times(cloud: Cloud, image_ids: Sequence[str]) -> dict[str, datetime | None]:
    """When these were shared, as the Image API has it: None for what has just been withdrawn."""
    members = gather(
        lambda image_id: cloud.images.get_member(image_id, cloud.project.id), image_ids
    )
    times: dict[str, datetime | None] = {}
    for image_id, member in zip(image_ids, members, strict=True):
        if isinstance(member, errors.CloudError) and not isinstance(member, errors.NotFound):
            raise member
        times[image_id] = None if isinstance(member, errors.CloudError) else member.created_at
    return times
