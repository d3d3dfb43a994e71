"""The letters of the inbox's page that is shown: what is told of each share in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sharing.cloud import errors
from sharing.cloud.pool import gather
from sharing.cloud.resources import Image, MemberStatus, SharedImage
from sharing.models import Listing, Share, Succession
from sharing.services import versions
from sharing.session import Cloud

Pair = tuple[str, str]  # an image and its owner: an ID alone is no proof, it may be chosen


@dataclass(frozen=True, slots=True)
class Letter:
    """One share in a drawer. ``shared_at`` is None when it was withdrawn a moment ago, and as long
    as ``is_time_asked_for`` says that it follows. ``successor`` is what replaces a hidden image,
    where one can read of it."""

    image: Image
    status: MemberStatus
    shared_at: datetime | None
    note: str
    listing: Listing | None
    producer: str = ""
    ends_on: date | None = None
    successor: Listing | None = None
    is_time_asked_for: bool = False

    @property
    def name(self) -> str:
        return self.image.name or self.image.id

    @property
    def has_warnings(self) -> bool:
        return self.image.is_hidden or not self.image.is_active


def records(cloud: Cloud) -> dict[Pair, Share]:
    """What we know of this project's shares; those made elsewhere have no record."""
    mine = Share.objects.filter(project_id=cloud.project.id, removed_at=None)
    return {(share.image_id, share.producer_project_id): share for share in mine}


def write(
    shown: Sequence[SharedImage],
    known: Mapping[Pair, Share],
    *,
    names: Mapping[str, str],
    times: Mapping[str, datetime | None] | None,
) -> list[Letter]:
    """``names`` are of producers, as far as known; ``times`` of those without a record, None: they
    follow."""
    ids = [shared.image.id for shared in shown]
    listings = {
        (listing.image_id, listing.project_id): listing
        for listing in Listing.objects.filter(image_id__in=ids)
    }
    successors = _successors([shared.image for shared in shown if shared.image.is_hidden])

    def letter(shared: SharedImage) -> Letter:
        pair = pair_of(shared)
        record, listing = known.get(pair), listings.get(pair)
        return Letter(
            image=shared.image,
            status=shared.status,
            shared_at=record.shared_at if record else (times or {}).get(shared.image.id),
            note=record.note if record else "",
            listing=listing,
            producer=listing.producer_name if listing else names.get(shared.image.owner, ""),
            ends_on=record.ends_on if record else None,
            successor=successors.get(pair),
            is_time_asked_for=record is None and times is None,
        )

    return [letter(shared) for shared in shown]


def pair_of(shared: SharedImage) -> Pair:
    return shared.image.id, shared.image.owner


def times(cloud: Cloud, image_ids: Sequence[str]) -> dict[str, datetime | None]:
    """When these were shared, as the Image API has it: None for what has just been withdrawn."""
    members = gather(
        lambda image_id: cloud.images.get_member(image_id, cloud.project.id), image_ids
    )
    found: dict[str, datetime | None] = {}
    for image_id, member in zip(image_ids, members, strict=True):
        if isinstance(member, errors.CloudError) and not isinstance(member, errors.NotFound):
            raise member
        found[image_id] = None if isinstance(member, errors.CloudError) else member.created_at
    return found


def _successors(hidden: Sequence[Image]) -> dict[Pair, Listing]:
    """The newest version of each, as far as it has a public page; two queries however many."""
    if not hidden:
        return {}
    steps: dict[Pair, str] = {
        (old, owner): new
        for old, owner, new in Succession.objects.filter(
            producer_project_id__in={image.owner for image in hidden}
        ).values_list("old_image_id", "producer_project_id", "new_image_id")
    }
    newest = {(one.id, one.owner): _newest(steps, one.id, one.owner) for one in hidden}
    wanted = {new for new in newest.values() if new}
    listings = {
        (listing.image_id, listing.project_id): listing
        for listing in Listing.objects.filter(image_id__in=wanted)
        if listing.is_published
    }
    found = {pair: listings.get((new, pair[1])) for pair, new in newest.items()}
    return {pair: listing for pair, listing in found.items() if listing}


def _newest(steps: Mapping[Pair, str], image_id: str, owner: str) -> str:
    """The end of the image's chain; empty where nothing replaced it."""
    current = image_id
    for _again in range(versions.LONGEST_CHAIN):
        if (current, owner) not in steps:
            break
        current = steps[current, owner]
    return "" if current == image_id else current
