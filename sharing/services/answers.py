"""The consumer's verb: show an image in the project's list, hide it, or decide later; and to take
an answer back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sharing.cloud import errors
from sharing.cloud.pool import gather
from sharing.cloud.resources import (
    STATUSES,
    Image,
    Member,
    MemberStatus,
    SharedImage,
    User,
)
from sharing.services import answer_records, history, inbox, refusals, rights
from sharing.services.answer_records import Given
from sharing.session import Cloud


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of several. ``why_not`` is a sentence, empty when it was done.

    ``before`` is the status that it had until ``at``, the Image API's time; None where nothing was
    changed. ``meanwhile`` is the answer that somebody else gave since the page was made.
    """

    image_id: str
    image_name: str
    why_not: str = ""
    is_forbidden: bool = False
    before: MemberStatus | None = None
    at: datetime | None = None
    meanwhile: MemberStatus | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that may be taken back: ``before`` is the status to go back to."""

    image_id: str
    image_name: str
    before: MemberStatus
    status: MemberStatus
    at: datetime


def give(
    *,
    cloud: Cloud,
    image: Image,
    before: MemberStatus,
    status: MemberStatus,
    by: User,
    seen_at: datetime,
    reason: str = "",
) -> Member:
    """Set the project's own status; the producer is told once, if it is another than ``before``,
    and why, if it is a no. ``before`` was asked for after ``seen_at``.

    Raises ImageGone or NotAllowed.
    """
    try:
        member = cloud.images.set_member_status(image.id, cloud.project.id, status)
    except errors.NotFound as error:
        raise refusals.ImageGone from error
    except errors.Forbidden as error:
        raise refusals.NotAllowed from error
    if member.status != before:
        with transaction.atomic():
            given = [Given(image, member, reason if member.is_rejected else "")]
            answer_records.write_down(cloud=cloud, given=given, by=by, since=seen_at)
    return member


def explain(*, cloud: Cloud, image: Image, member: Member, reason: str, by: User) -> None:
    """Say afterwards why the project rejected; the same reason is told once. Raises NotAllowed."""
    rights.require_member(cloud)
    with transaction.atomic():
        answer_records.write_reason(cloud=cloud, given=Given(image, member, reason), by=by)


def give_several(
    *,
    cloud: Cloud,
    image_ids: Sequence[str],
    status: MemberStatus,
    by: User,
    was: MemberStatus | None = None,
) -> list[Outcome]:
    """The same answer for several, eight at a time; an outcome for each, in their order.

    ``was`` is how they stood on the page: one that was answered otherwise since then is left as it
    is. What was done stays done and is written down, whatever became of the others. Raises
    SessionEnded, and Unavailable when not one could be done.
    """
    seen_at = timezone.now()
    known = inbox.find(cloud=cloud, image_ids=image_ids, likely=was)
    expected = {was, status} if was else set(STATUSES)
    wanted = [known[one] for one in image_ids if one in known and known[one].status in expected]
    results = _set(cloud, [(shared, status) for shared in wanted], by, seen_at)

    def outcome(image_id: str) -> Outcome:
        if image_id not in known:
            return Outcome(image_id, image_id, str(refusals.ImageGone()))
        shared = known[image_id]
        if image_id not in results:
            return _answered_meanwhile(cloud, shared)
        return _outcome(shared, results[image_id])

    return [outcome(image_id) for image_id in image_ids]


def take_back(*, cloud: Cloud, answered: Sequence[Answered], by: User) -> list[Outcome]:
    """Each share as it was before the answer; one that was changed since is left as it is.

    Raises as ``give_several`` does.
    """
    seen_at = timezone.now()
    by_id = {one.image_id: one for one in answered}
    known = inbox.find(cloud=cloud, image_ids=list(by_id), likely=answered[0].status)
    members = gather(
        lambda image_id: cloud.images.get_member(image_id, cloud.project.id), list(known)
    )
    found = dict(zip(known, members, strict=True))
    _raise_if_hopeless(members)
    wanted = [
        (known[image_id], by_id[image_id].before)
        for image_id, member in found.items()
        if isinstance(member, Member) and _is_as_left(member, by_id[image_id])
    ]
    results = _set(cloud, wanted, by, seen_at)

    def outcome(one: Answered) -> Outcome:
        result = results.get(one.image_id, found.get(one.image_id))
        if one.image_id not in known or result is None:
            return Outcome(one.image_id, one.image_name, str(refusals.ImageGone()))
        if one.image_id not in results and isinstance(result, Member):
            return _answered_meanwhile(cloud, SharedImage(known[one.image_id].image, result.status))
        return _outcome(known[one.image_id], result)

    return [outcome(one) for one in answered]


def _is_as_left(member: Member, answer: Answered) -> bool:
    return (member.status, member.updated_at) == (answer.status, answer.at)


def _set(
    cloud: Cloud,
    wanted: Sequence[tuple[SharedImage, MemberStatus]],
    by: User,
    seen_at: datetime,
) -> dict[str, Member | errors.CloudError]:
    """Carried out and written down; by image."""

    def carry_out(one: tuple[SharedImage, MemberStatus]) -> Member:
        return cloud.images.set_member_status(one[0].image.id, cloud.project.id, one[1])

    results = gather(carry_out, wanted)
    images = [shared for shared, _status in wanted]
    given = [
        Given(shared.image, member)
        for shared, member in zip(images, results, strict=True)
        if isinstance(member, Member) and member.status != shared.status
    ]
    with transaction.atomic():
        answer_records.write_down(cloud=cloud, given=given, by=by, since=seen_at)
    _raise_if_hopeless(results)
    return dict(zip((shared.image.id for shared in images), results, strict=True))


def _raise_if_hopeless(results: Sequence[object]) -> None:
    faults = [result for result in results if isinstance(result, errors.CloudError)]
    is_all = len(faults) == len(results)
    for fault in faults:
        if isinstance(fault, errors.SessionEnded) or (
            is_all and isinstance(fault, errors.Unavailable)
        ):
            raise fault


def _outcome(shared: SharedImage, result: Member | errors.CloudError) -> Outcome:
    image_id, name = shared.image.id, shared.image.name
    match result:
        case Member() if result.status == shared.status:
            return Outcome(image_id, name)
        case Member():
            return Outcome(image_id, name, before=shared.status, at=result.updated_at)
        case errors.NotFound():
            return Outcome(image_id, name, str(refusals.ImageGone()))
        case errors.Forbidden():
            return Outcome(image_id, name, str(refusals.NotAllowed()), is_forbidden=True)
        case errors.Broken():
            return Outcome(image_id, name, _("The Image API could not do it. Try it again."))
        case _:
            return Outcome(image_id, name, _("The Image API did not answer. Try it again."))


def _answered_meanwhile(cloud: Cloud, shared: SharedImage) -> Outcome:
    """Who did it is known where it was done here."""
    last = history.last(
        verb=history.Verb.STATUS_SET, image_id=shared.image.id, project_id=cloud.project.id
    )
    who = last.by_name if last and last.detail == shared.status else ""
    words = {
        "accepted": _("It was shown in the image list meanwhile, by %(who)s. It stays so."),
        "rejected": _("It was hidden from the image list meanwhile, by %(who)s. It stays so."),
        "pending": _("It was put back to pending meanwhile, by %(who)s. It stays so."),
    }
    why_not = words[shared.status] % {"who": who or _("another tool")}
    return Outcome(shared.image.id, shared.image.name, why_not, meanwhile=shared.status)
