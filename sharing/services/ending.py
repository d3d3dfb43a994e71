"""The end of a share: its date, and what is left to do on the day.

Nothing ends by itself: the portal has no token of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sharing.cloud import errors
from sharing.cloud.pool import gather
from sharing.cloud.resources import Image, Member, User
from sharing.models import Share
from sharing.services import history, members, refusals, rights
from sharing.session import Cloud

# Of those whose day has come, so many are shown, removed or extended in one go.
MOST_AT_ONCE = 250


def set_date(
    *, cloud: Cloud, image: Image, project_id: str, ends_on: date | None, by: User
) -> None:
    """The day on which the share is to end; None for no end. Raises NotAllowed, NotMember."""
    rights.require_member(cloud)
    member = members.get_share(cloud=cloud, image=image, project_id=project_id).member
    with transaction.atomic():
        _write_date(cloud, image, member, ends_on, by)


def set_dates(
    *, cloud: Cloud, image: Image, project_ids: Sequence[str], ends_on: date | None, by: User
) -> int:
    """The same day for several shares of an image; how many of them are its members.

    Raises NotAllowed, and NotShared when the image has no members now.
    """
    rights.require_member(cloud)
    try:
        found = cloud.images.list_members(image.id)
    except errors.Forbidden as error:
        raise members.why_forbidden(cloud, image) from error
    chosen = set(project_ids)
    wanted = [member for member in found if member.project_id in chosen]
    with transaction.atomic():
        for member in wanted:
            _write_date(cloud, image, member, ends_on, by)
    return len(wanted)


def _write_date(cloud: Cloud, image: Image, member: Member, ends_on: date | None, by: User) -> None:
    """In the caller's transaction. Another date is warned of anew."""
    share = members.adopt(cloud=cloud, image=image, member=member)
    share = Share.objects.select_for_update().get(pk=share.pk)
    if share.ends_on == ends_on:
        return
    before, share.ends_on, share.warned_days = share.ends_on, ends_on, None
    share.save(update_fields=["ends_on", "warned_days"])
    history.record(
        cloud=cloud,
        by=by,
        verb=history.Verb.END_DATE_SET,
        producer_project_id=image.owner,
        image_id=image.id,
        image_name=image.name,
        project_id=member.project_id,
        detail=f"{before or '–'} → {ends_on or '–'}",
    )


@dataclass(frozen=True, slots=True)
class Ended:
    """A share whose day has come. ``member`` is None when the Image API was not asked, or could
    not be."""

    share: Share
    member: Member | None = None

    @property
    def key(self) -> str:
        return f"{self.share.image_id}/{self.share.project_id}"


def overdue(*, cloud: Cloud) -> list[Ended]:
    """The project's shares whose day has come, the longest overdue first, as our own tables have
    them: at once, and also while the Image API is away."""
    return [Ended(share) for share in _due(cloud)[:MOST_AT_ONCE]]


def due(*, cloud: Cloud) -> list[Ended]:
    """The same, as far as they are still there: the Image API is asked, once for each image."""
    shares = list(_due(cloud)[:MOST_AT_ONCE])
    image_ids = list(dict.fromkeys(share.image_id for share in shares))
    answers = gather(cloud.images.list_members, image_ids)
    found = dict(zip(image_ids, answers, strict=True))
    ended: list[Ended] = []
    for share in shares:
        answer = found[share.image_id]
        if isinstance(answer, errors.SessionEnded):
            raise answer
        if isinstance(answer, (errors.NotFound, errors.Forbidden)):
            continue  # deleted, or private: nobody has it
        if isinstance(answer, errors.CloudError):
            ended.append(Ended(share))
            continue
        member = next((one for one in answer if one.project_id == share.project_id), None)
        if member:
            ended.append(Ended(share, member))
    return ended


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of several; ``why_not`` is a sentence, empty when it was done."""

    share: Share
    why_not: str = ""


Answers = Mapping[int, Member | errors.CloudError | None]


def settle(
    *, cloud: Cloud, keys: Sequence[str] | None, until: date, extend_to: date | None, by: User
) -> list[Outcome]:
    """Remove those of the ended shares (``Ended.key``; None: all that ended by ``until``), or
    extend them to another day. The Image API is asked eight at a time.

    What is not one of them is left out; what was done stays done, and is written down even where
    others failed. Raises NotAllowed; SessionEnded or Unavailable when nothing could be done.
    """
    rights.require_member(cloud)
    chosen = None if keys is None else set(keys)
    wanted = [
        share for share in _due(cloud, until) if chosen is None or Ended(share).key in chosen
    ][:MOST_AT_ONCE]
    images = _images(cloud, wanted)
    call: Callable[[str, str], Member | None] = (
        cloud.images.get_member if extend_to else cloud.images.remove_member
    )
    ready = [share for share in wanted if _has_members(images[share.image_id])]
    answers = gather(lambda share: call(share.image_id, share.project_id), ready)
    known = {share.pk: answer for share, answer in zip(ready, answers, strict=True)}
    outcomes = [_write_down(cloud, images, known, share, extend_to, by) for share in wanted]
    _raise_if_nothing_worked(answers)
    return outcomes


def _images(cloud: Cloud, shares: Sequence[Share]) -> dict[str, Image | None]:
    """None for one that is gone. Raises what keeps us from knowing."""
    image_ids = list(dict.fromkeys(share.image_id for share in shares))
    images: dict[str, Image | None] = {}
    for image_id, answer in zip(image_ids, gather(cloud.images.get_image, image_ids), strict=True):
        if isinstance(answer, errors.CloudError) and not isinstance(answer, errors.NotFound):
            raise answer
        is_ours = isinstance(answer, Image) and answer.is_owned_by(cloud.project.id)
        images[image_id] = answer if isinstance(answer, Image) and is_ours else None
    return images


def _write_down(
    cloud: Cloud,
    images: Mapping[str, Image | None],
    answers: Answers,
    share: Share,
    extend_to: date | None,
    by: User,
) -> Outcome:
    image, answer = images[share.image_id], answers.get(share.pk)
    if image and not image.is_shared:
        return Outcome(share, str(refusals.NotShared(image.visibility)))
    if image is None or isinstance(answer, errors.NotFound):
        _has_ended(cloud, share)
        return Outcome(share, str(refusals.NotMember() if image else refusals.ImageGone()))
    if isinstance(answer, errors.CloudError):
        return Outcome(share, _why_not(cloud, image, answer))
    if answer is None:
        members.write_removal(cloud=cloud, image=image, project_id=share.project_id, by=by)
    else:
        with transaction.atomic():
            _write_date(cloud, image, answer, extend_to, by)
    return Outcome(share)


def _why_not(cloud: Cloud, image: Image, error: errors.CloudError) -> str:
    """In words. The others must still be written down, whatever becomes of a second question."""
    if isinstance(error, errors.Forbidden):
        try:
            return str(members.why_forbidden(cloud, image))
        except errors.CloudError:
            return str(refusals.NotAllowed())
    return _("The Image API gave no good answer: try it again.")


def _has_members(image: Image | None) -> bool:
    """While it is private nobody can ask for them; they come back with its visibility (trap 11)."""
    return image is not None and image.is_shared


def _has_ended(cloud: Cloud, share: Share) -> None:
    """By another tool, we do not know when: it waits for nobody any more. Unless it may only be
    in another region than this one: from the time when there was one, shares name none."""
    if share.region or len(cloud.regions) == 1:
        Share.objects.filter(pk=share.pk, removed_at=None).update(removed_at=timezone.now())


def _raise_if_nothing_worked(answers: Sequence[Member | errors.CloudError | None]) -> None:
    """The sign-in, or the page of a service that is away, where there is nothing else to tell."""
    failed = [
        answer for answer in answers if isinstance(answer, errors.SessionEnded | errors.Unavailable)
    ]
    if failed and len(failed) == len(answers):
        failed.sort(key=lambda error: not isinstance(error, errors.SessionEnded))
        raise failed[0]


def _due(cloud: Cloud, until: date | None = None) -> QuerySet[Share]:
    """On the viewer's own calendar the day has come."""
    today = timezone.localdate()
    due = Share.objects.filter(
        producer_project_id=cloud.project.id,
        removed_at=None,
        ends_on__lte=min(until, today) if until else today,
        region__in=("", cloud.region),
    )
    return due.order_by("ends_on", "image_name", "pk")
