"""The producer's verbs on a listing: save, publish, withdraw; and its copy of the image's facts."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from sharing.cloud.resources import Image, User
from sharing.models import Listing, Tag
from sharing.services import catalogue, history, refusals, rights
from sharing.session import Cloud

State = Listing.State

_GONE = {"deleted", "pending_delete"}
_TRIES = 5  # another producer may take the slug, or make the listing, at the same moment


class NeverPublished(refusals.Refusal):
    def __init__(self) -> None:
        super().__init__(_("This listing was never published: there is nothing to withdraw."))


class Taken(refusals.Refusal):
    """An image's ID can be chosen by whoever makes it, and other regions know nothing of ours."""

    def __init__(self) -> None:
        super().__init__(_("Another project has a listing for an image with this ID."))


@dataclass(frozen=True, slots=True)
class Words:
    """What the producer writes about an image."""

    title: str
    summary: str
    description: str
    contact_email: str
    terms: str
    tags: tuple[str, ...]


def of_image(*, image_id: str, project_id: str) -> Listing | None:
    return (
        Listing.objects.filter(image_id=image_id, project_id=project_id)
        .prefetch_related("tags")
        .first()
    )


def is_gone(image: Image) -> bool:
    return image.status in _GONE


def is_in_another_region(*, cloud: Cloud, listing: Listing) -> bool:
    """Then "not there" says nothing about its image: it is looked for in the wrong place."""
    return bool(listing.region) and listing.region != cloud.region


def save(
    *, cloud: Cloud, image_id: str, image: Image | None, words: Words, state: State, by: User
) -> Listing:
    """Make or change the image's listing; of two people who save at once, the last one wins.

    ``image`` is None when it is gone: then its listing can be changed and withdrawn, and that is
    all. Raises NotAllowed, ImageGone, OtherRegion, NeverPublished, Taken.
    """
    rights.require_member(cloud)
    if state == State.PUBLISHED and (image is None or is_gone(image)):
        _raise_if_in_another_region(cloud, image_id)
        raise refusals.ImageGone
    for _again in range(_TRIES):
        try:
            with transaction.atomic():
                return _save(cloud, image_id, image, words, state, by)
        except IntegrityError:
            continue
    raise refusals.TooMany(_("Others are saving at the same moment. Please try again."))


def preview(*, cloud: Cloud, image: Image | None, listing: Listing | None, words: Words) -> Listing:
    """The listing as it would be with ``words``, not saved."""
    draft = copy.copy(listing) if listing else Listing(slug="preview", project_id=cloud.project.id)
    if image:
        draft.image_id = image.id
        _copy_facts(draft, image)
    _copy_words(draft, words)
    draft.producer_name = cloud.project.name
    draft.published_at = draft.published_at or timezone.now()
    return draft


def refresh(*, cloud: Cloud, image: Image, by: User) -> Listing | None:
    """The image's listing, its facts as they are now. One that was unavailable no longer is."""
    listing = of_image(image_id=image.id, project_id=image.owner)
    if listing is None:
        return None
    if is_gone(image):
        return mark_unavailable(cloud=cloud, listing=listing, by=by)
    _copy_facts(listing, image)
    listing.unavailable_since = None
    listing.search_text = catalogue.search_text(listing, _tag_names(listing))
    columns = [*_facts(image), "facts_at", "stale_since", "unavailable_since", "search_text"]
    # By update(): the time of the producer's own last change stays what it is.
    Listing.objects.filter(pk=listing.pk).update(
        **{name: getattr(listing, name) for name in columns}
    )
    return listing


def go_on_with(*, cloud: Cloud, old_image_id: str, image: Image, by: User) -> bool:
    """The old image's listing is the new one's from now on, under the same address: unless the new
    one has a listing of its own. In the caller's transaction. Whether there was one to move."""
    mine = Listing.objects.select_for_update().filter(project_id=cloud.project.id)
    listing = mine.filter(image_id=old_image_id).first()
    if listing is None or Listing.objects.filter(image_id=image.id).exists():
        say_changed(project_id=cloud.project.id, image_ids=(old_image_id, image.id))
        return False
    listing.image_id = image.id
    listing.unavailable_since = None
    listing.region = cloud.region if len(cloud.regions) > 1 else ""
    _copy_facts(listing, image)
    listing.search_text = catalogue.search_text(listing, _tag_names(listing))
    listing.save()
    _record(cloud, listing, history.Verb.LISTING_SAVED, by)
    return True


def say_changed(*, project_id: str, image_ids: Sequence[str]) -> None:
    """Their pages say something else from now on: of which of the images is the newer one."""
    mine = Listing.objects.filter(project_id=project_id, image_id__in=image_ids)
    mine.update(updated_at=timezone.now())


def mark_unavailable(*, cloud: Cloud, listing: Listing, by: User) -> Listing:
    """The image is gone: nobody finds the listing any more. Written down once."""
    with transaction.atomic():
        now = timezone.now()
        is_news = Listing.objects.filter(pk=listing.pk, unavailable_since=None).update(
            unavailable_since=now
        )
        if is_news:
            listing.unavailable_since = now
            _record(cloud, listing, history.Verb.LISTING_UNAVAILABLE, by)
    return listing


def _save(
    cloud: Cloud, image_id: str, image: Image | None, words: Words, state: State, by: User
) -> Listing:
    listing = Listing.objects.select_for_update().filter(image_id=image_id).first()
    if listing and listing.project_id != cloud.project.id:
        raise Taken
    if image is None and listing is None:
        raise refusals.ImageGone
    if state == State.WITHDRAWN and (listing is None or listing.published_at is None):
        raise NeverPublished
    before = listing.state if listing else None
    listing = listing or Listing(slug=_free_slug(words.title), image_id=image_id)
    listing.project_id, listing.producer_name = cloud.project.id, cloud.project.name
    listing.state = state
    if state == State.PUBLISHED and before != State.PUBLISHED:
        listing.published_at = timezone.now()
    if image:
        listing.region = cloud.region if len(cloud.regions) > 1 else ""
        listing.unavailable_since = None
        _copy_facts(listing, image)
    _copy_words(listing, words)
    listing.search_text = catalogue.search_text(listing, words.tags)
    listing.save()
    listing.tags.set(_tags(words.tags))
    _record(cloud, listing, _verb(before, state), by)
    return listing


def _raise_if_in_another_region(cloud: Cloud, image_id: str) -> None:
    listing = of_image(image_id=image_id, project_id=cloud.project.id)
    if listing and is_in_another_region(cloud=cloud, listing=listing):
        raise refusals.OtherRegion(listing.region)


def _verb(before: str | None, state: State) -> history.Verb:
    if before == state or state == State.DRAFT:
        return history.Verb.LISTING_SAVED
    published = state == State.PUBLISHED
    return history.Verb.LISTING_PUBLISHED if published else history.Verb.LISTING_WITHDRAWN


def _free_slug(title: str) -> str:
    """A listing's address for ever, from its first title."""
    base = slugify(title)[:70].strip("-_") or "image"
    taken = set(
        Listing.objects.filter(slug__startswith=base).values_list("slug", flat=True).iterator()
    )
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(slug for slug in numbered if slug not in taken)


def _copy_words(listing: Listing, words: Words) -> None:
    for name, value in asdict(words).items():
        if name != "tags":
            setattr(listing, name, value)


def _copy_facts(listing: Listing, image: Image) -> None:
    for name, value in _facts(image).items():
        setattr(listing, name, value)
    listing.facts_at, listing.stale_since = timezone.now(), None


def _facts(image: Image) -> Mapping[str, Any]:
    """The image's facts by their names in a listing; a property may be longer than is sensible."""
    facts: dict[str, Any] = {
        "image_name": image.name,
        "size": image.size,
        "disk_format": image.disk_format,
        "container_format": image.container_format,
        "min_disk": image.min_disk,
        "min_ram": image.min_ram,
        "checksum": image.checksum if image.has_data else "",
        "hash_algorithm": image.hash_algorithm if image.has_data else "",
        "hash_value": image.hash_value if image.has_data else "",
        "os_distro": image.os_distro,
        "os_version": image.os_version,
        "architecture": image.architecture,
        "image_created_at": image.created_at,
        "image_updated_at": image.updated_at,
    }
    for column in Listing._meta.fields:
        if column.max_length and column.name in facts:
            facts[column.name] = facts[column.name][: column.max_length]
    return facts


def _tags(names: Iterable[str]) -> list[Tag]:
    wanted = [Tag(name=name) for name in names]
    Tag.objects.bulk_create(wanted, ignore_conflicts=True)
    return list(Tag.objects.filter(name__in=[tag.name for tag in wanted]))


def _tag_names(listing: Listing) -> list[str]:
    return [tag.name for tag in listing.tags.all()]


def _record(cloud: Cloud, listing: Listing, verb: history.Verb, by: User) -> None:
    history.record(
        cloud=cloud,
        by=by,
        verb=verb,
        producer_project_id=listing.project_id,
        image_id=listing.image_id,
        image_name=listing.image_name or listing.title,
    )
