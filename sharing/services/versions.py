"""New versions: one image replaces another, and its consumers come along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from sharing.cloud import errors
from sharing.cloud.resources import Image, Member, User
from sharing.models import BulkJob, Listing, Succession
from sharing.services import bulk, contacts, history, listings, lists, refusals, rights
from sharing.session import Cloud

LONGEST_CHAIN = 50
MOST_IMAGES = 200  # to choose the older one from


class NoSuccession(refusals.Refusal):
    """The two images cannot follow each other; ``str()`` says why."""


class TooEarly(refusals.Refusal):
    def __init__(self) -> None:
        super().__init__(_("The day that was announced to the consumers has not come yet."))


@dataclass(frozen=True, slots=True)
class Place:
    """Where an image stands in its chain."""

    successor: Succession | None
    predecessor: Succession | None


@dataclass(frozen=True, slots=True)
class Versions:
    """What a page says of its image's chain, newest first; and the newer listing, when the image
    was replaced and its successor has one of its own."""

    steps: Sequence[Succession]
    successor: Succession | None
    newer: Listing | None


def place(*, image_id: str, project_id: str) -> Place:
    is_of_image = Q(old_image_id=image_id) | Q(new_image_id=image_id)
    steps = list(
        Succession.objects.filter(is_of_image, producer_project_id=project_id).order_by(
            "-created_at"
        )
    )
    return Place(
        successor=next((one for one in steps if one.old_image_id == image_id), None),
        predecessor=next((one for one in steps if one.new_image_id == image_id), None),
    )


def places(listings: Sequence[Listing]) -> dict[int, Place]:
    """The places of several listings' images, by the listing's key."""
    ids = [listing.image_id for listing in listings]
    steps = Succession.objects.filter(
        Q(old_image_id__in=ids) | Q(new_image_id__in=ids),
        producer_project_id__in={listing.project_id for listing in listings},
    ).order_by("created_at")
    after, before = {}, {}
    for step in steps:
        after[step.producer_project_id, step.old_image_id] = step
        before[step.producer_project_id, step.new_image_id] = step
    pairs = ((one.pk, (one.project_id, one.image_id)) for one in listings)
    return {key: Place(after.get(pair), before.get(pair)) for key, pair in pairs}


def of_listing(listing: Listing) -> Versions:
    return of_image(image_id=listing.image_id, project_id=listing.project_id)


def of_image(*, image_id: str, project_id: str) -> Versions:
    """The chain of a producer's image, whether it has a listing or not."""
    mine = list(Succession.objects.filter(producer_project_id=project_id))
    by_new = {one.new_image_id: one for one in mine}
    by_old = {one.old_image_id: one for one in mine}
    steps: list[Succession] = []
    current = image_id
    while (step := by_new.get(current)) and len(steps) < LONGEST_CHAIN:
        steps.append(step)
        current = step.old_image_id
    successor, current = None, image_id
    for _again in range(LONGEST_CHAIN):
        if not (step := by_old.get(current)):
            break
        successor, current = step, step.new_image_id
    theirs = Listing.objects.filter(image_id=current, project_id=project_id)
    newer = theirs.first() if successor else None
    return Versions(steps, successor, newer if newer and newer.is_published else None)


def candidates(*, cloud: Cloud, image: Image) -> list[Image]:
    """The project's images that ``image`` may replace: older links of its chain are not among
    them, nor those that were replaced already."""
    mine = Succession.objects.filter(producer_project_id=cloud.project.id)
    replaced = set(mine.values_list("old_image_id", flat=True))
    images = cloud.images.list_images(limit=MOST_IMAGES).images
    return [
        one
        for one in images
        if one.id != image.id and one.id not in replaced and one.is_owned_by(cloud.project.id)
    ]


def replace(
    *,
    cloud: Cloud,
    old: Image,
    new: Image,
    note: str,
    removal_on: date | None,
    hides_old: bool,
    by: User,
) -> BulkJob | None:
    """Say that ``new`` replaces ``old``; the list of those to carry over, to be looked over. None:
    the old one has no members.

    The old one's listing goes on with the new image, unless that has one of its own. Raises
    NoSuccession, NotShared, NotAllowed, ImageGone.
    """
    rights.require_member(cloud)
    _check(cloud, old, new)
    carried = members_of(cloud, old)
    if carried and not new.is_shared:
        raise refusals.NotShared(new.visibility)
    if hides_old and not old.is_hidden:
        set_hidden(cloud, old, is_hidden=True)
    try:
        with transaction.atomic():
            step = Succession.objects.create(
                producer_project_id=cloud.project.id,
                old_image_id=old.id,
                old_name=old.name,
                new_image_id=new.id,
                new_name=new.name,
                note=note,
                removal_on=removal_on,
                by_name=by.name,
                hid_old=hides_old and not old.is_hidden,
                moved_listing=listings.go_on_with(
                    cloud=cloud, old_image_id=old.id, image=new, by=by
                ),
            )
            ids = [member.project_id for member in carried]
            job = carry_over(cloud=cloud, step=step, new=new, project_ids=ids, by=by)
            _record(cloud, old, new, by, hides_old=hides_old)
    except IntegrityError as error:
        raise NoSuccession(_("That image was replaced by another one already.")) from error
    return job


def retire(*, cloud: Cloud, old: Image, by: User) -> BulkJob:
    """Remove all members of an image that was replaced: a job, started.

    Raises NotAllowed, NoSuccession, TooEarly, NotShared, NotMember.
    """
    rights.require_member(cloud)
    step = place(image_id=old.id, project_id=cloud.project.id).successor
    if step is None or step.removal_on is None:
        raise NoSuccession(_("No removal was announced for this image."))
    if not step.is_removal_due:
        raise TooEarly
    current = members_of(cloud, old)
    if not current:
        raise refusals.NotMember
    with transaction.atomic():
        job = bulk.create(
            cloud=cloud,
            images=[old],
            lines=[lists.Line(n, one.project_id) for n, one in enumerate(current, 1)],
            note="",
            by=by,
            kind=bulk.Kind.REMOVE,
        )
        bulk.start_removal(job=job)
        Succession.objects.filter(pk=step.pk).update(retired_at=timezone.now())
    return job


def carry_over(
    *, cloud: Cloud, step: Succession, new: Image, project_ids: Sequence[str], by: User
) -> BulkJob | None:
    """A list of who is to get the new version, to be looked over; None if it would be empty."""
    if not project_ids:
        return None
    held = contacts.emails(producer_project_id=cloud.project.id, project_ids=project_ids)
    lines = [lists.Line(n, one, held.get(one, "")) for n, one in enumerate(project_ids, 1)]
    return bulk.create(cloud=cloud, images=[new], lines=lines, note="", by=by, succession=step)


def members_of(cloud: Cloud, image: Image) -> tuple[Member, ...]:
    """None of an image that is not shared: the API does not say (trap 11)."""
    if not image.is_shared:
        return ()
    try:
        return cloud.images.list_members(image.id)
    except errors.Forbidden:
        return ()


def set_hidden(cloud: Cloud, image: Image, *, is_hidden: bool) -> None:
    """Raises ImageGone, NotAllowed."""
    try:
        cloud.images.set_hidden(image.id, is_hidden=is_hidden)
    except errors.NotFound as error:
        raise refusals.ImageGone from error
    except errors.Forbidden as error:
        raise refusals.NotAllowed from error


def _check(cloud: Cloud, old: Image, new: Image) -> None:
    if old.id == new.id:
        raise NoSuccession(_("An image cannot replace itself."))
    mine = Succession.objects.filter(producer_project_id=cloud.project.id)
    followers = dict(mine.values_list("old_image_id", "new_image_id"))
    if old.id in followers:
        raise NoSuccession(_("That image was replaced by another one already."))
    current = new.id
    while current in followers:
        current = followers[current]
        if current == old.id:
            raise NoSuccession(_("That image is the newer one of the two."))


def _record(cloud: Cloud, old: Image, new: Image, by: User, *, hides_old: bool) -> None:
    hidden = _("hidden") if hides_old else ""
    history.record(
        cloud=cloud,
        by=by,
        verb=history.Verb.IMAGE_REPLACED,
        producer_project_id=old.owner,
        image_id=old.id,
        image_name=old.name,
        detail=f"→ {new.name or new.id} {hidden}".strip(),
    )
