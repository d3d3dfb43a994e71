"""The producer's public profile: read by anyone, edited by the project's members."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from django.db import IntegrityError, transaction
from django.utils.text import Truncator, slugify
from django.utils.translation import gettext as _

from sharing.cloud.resources import User
from sharing.models import Listing, Producer
from sharing.services import history, refusals, rights
from sharing.session import Cloud

MOST_LISTINGS = 200
MOST_OF_A_NAME = 3
_MARKS = re.compile(r"[#*_`>|]|\]\([^)]*\)|\[|^\s*[-+]\s", re.MULTILINE)
_TRIES = 5  # another producer may take the slug at the same moment


@dataclass(frozen=True, slots=True)
class Profile:
    """What a producer writes of itself."""

    name: str
    description: str
    website: str
    contact_email: str


def of_project(project_id: str) -> Producer | None:
    return Producer.objects.filter(project_id=project_id).first()


def listings_of(producer: Producer) -> Sequence[Listing]:
    """Those that anyone may see, newest first."""
    published = Listing.objects.filter(
        project_id=producer.project_id,
        state=Listing.State.PUBLISHED,
        unavailable_since__isnull=True,
    )
    newest = published.order_by("-published_at", "-pk").prefetch_related("tags")
    return list(newest[:MOST_LISTINGS])


def profiles(listings: Iterable[Listing]) -> dict[str, Producer]:
    """Of those whose listings these are, by their projects; not all have one."""
    theirs = {listing.project_id for listing in listings}
    return {one.project_id: one for one in Producer.objects.filter(project_id__in=theirs)}


def named(name: str) -> Sequence[Producer]:
    """The profiles of those whose listings stand under this name in the catalogue; mostly one."""
    theirs = Listing.objects.filter(shown=1, producer_name=name).values("project_id")
    return list(Producer.objects.filter(project_id__in=theirs).order_by("slug")[:MOST_OF_A_NAME])


def about(producer: Producer) -> str:
    """A sentence or two for search engines and link previews: the description without its marks."""
    plain = " ".join(_MARKS.sub("", producer.description).split())
    return Truncator(plain).chars(200) or _("Images of %(name)s") % {"name": producer.name}


def save(*, cloud: Cloud, profile: Profile, by: User) -> Producer:
    """Make or change the project's profile; its address is made of its first name, and stays.

    Raises NotAllowed, TooMany.
    """
    rights.require_member_now(cloud)
    for _again in range(_TRIES):
        try:
            with transaction.atomic():
                return _save(cloud, profile, by)
        except IntegrityError:
            continue
    raise refusals.TooMany(_("Others are saving at the same moment. Please try again."))


def _save(cloud: Cloud, profile: Profile, by: User) -> Producer:
    mine = Producer.objects.select_for_update().filter(project_id=cloud.project.id).first()
    producer = mine or Producer(project_id=cloud.project.id, slug=_free_slug(profile.name))
    producer.project_name = cloud.project.name
    for name, value in asdict(profile).items():
        setattr(producer, name, value)
    producer.save()
    history.record(
        cloud=cloud,
        by=by,
        verb=history.Verb.PROFILE_SAVED,
        producer_project_id=cloud.project.id,
        image_id="",
        image_name="",
        detail=profile.name,
    )
    return producer


def _free_slug(name: str) -> str:
    base = slugify(name)[:70].strip("-_") or "producer"
    taken = set(Producer.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(slug for slug in numbered if slug not in taken)
