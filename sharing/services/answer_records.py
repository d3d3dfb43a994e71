"""What is written down of a consumer's answers, one or many: in the caller's transaction, with few
queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from sharing import mail
from sharing.cloud.resources import Image, Member, User
from sharing.models import Contact, HistoryEntry, Listing, Share
from sharing.services import history, reasons, turns
from sharing.services.letters import Pair
from sharing.session import Cloud


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that the Image API took; ``member`` is how it stands now, ``reason`` why."""

    image: Image
    member: Member
    reason: str = ""

    @property
    def pair(self) -> Pair:
        return self.image.id, self.image.owner


def write_down(
    *,
    cloud: Cloud,
    given: Sequence[Given],
    by: User,
    since: datetime,
    is_by_rule: bool = False,
) -> None:
    """History, the shares' records and the mails to the producers. ``is_by_rule``: a rule of the
    project's gave them, in the session of ``by``.

    Except of what was written down already ``since`` the statuses before were asked for: by a
    double click, or a colleague, on whatever host.
    """
    if not given:
        return
    turns.wait_for_turn(f"answers:{cloud.project.id}")
    ids = [one.image.id for one in given]
    records = _records(cloud, ids)
    said = _said_since(cloud, ids, since)
    new = [one for one in given if said.get(one.image.id) != one.member.status]
    HistoryEntry.objects.bulk_create([_entry(cloud, by, one, is_by_rule) for one in new])
    answered = [records[one.pair].pk for one in new if one.pair in records]
    if answered:
        Share.objects.filter(pk__in=answered).update(answered_at=timezone.now())
    _tell(cloud, new, records)


def write_reason(*, cloud: Cloud, given: Given, by: User) -> None:
    """A reason that comes after its answer, unless it is the one that was told already."""
    image = given.image
    records = _records(cloud, [image.id])
    if given.reason == reasons.of_share(
        image_id=image.id, project_id=cloud.project.id, producer_project_id=image.owner
    ):
        return
    history.record(
        cloud=cloud,
        by=by,
        verb=history.Verb.REASON_GIVEN,
        producer_project_id=image.owner,
        image_id=image.id,
        image_name=image.name,
        project_id=cloud.project.id,
        reason=given.reason,
    )
    _tell(cloud, [given], records)


def _records(cloud: Cloud, ids: Sequence[str]) -> dict[Pair, Share]:
    mine = Share.objects.select_for_update().filter(
        project_id=cloud.project.id, image_id__in=ids, removed_at=None
    )
    return {(share.image_id, share.producer_project_id): share for share in mine}


def _said_since(cloud: Cloud, ids: Sequence[str], moment: datetime) -> dict[str, str]:
    """The last answer about each image since then."""
    since = HistoryEntry.objects.filter(
        image_id__in=ids,
        project_id=cloud.project.id,
        verb=history.Verb.STATUS_SET,
        at__gte=moment,
    )
    return dict(since.order_by("at", "pk").values_list("image_id", "detail"))


def _entry(cloud: Cloud, by: User, one: Given, is_by_rule: bool) -> HistoryEntry:
    entry = history.entry(
        cloud=cloud,
        by=by,
        verb=history.Verb.STATUS_SET,
        producer_project_id=one.image.owner,
        image_id=one.image.id,
        image_name=one.image.name,
        project_id=cloud.project.id,
        detail=one.member.status,
        reason=one.reason,
    )
    entry.is_by_rule = is_by_rule
    return entry


def _tell(cloud: Cloud, given: Sequence[Given], records: Mapping[Pair, Share]) -> None:
    owners = {one.image.owner for one in given}
    emails = _producers_emails(owners)
    held = Contact.objects.filter(producer_project_id__in=owners, project_id=cloud.project.id)
    # Where the producer's reply goes: the address that he already holds for this project.
    reply_to = dict(held.values_list("producer_project_id", "email"))
    told = [
        mail.Answer(
            records.get(one.pair) or _unrecorded(cloud, one),
            status=one.member.status,
            to=emails.get(one.pair, emails.get(("", one.image.owner), "")),
            reply_to=reply_to.get(one.image.owner, ""),
            reason=one.reason,
        )
        for one in given
    ]
    mail.answered_many([one for one in told if one.to])


def _producers_emails(owners: Iterable[str]) -> dict[Pair, str]:
    """Of each image's listing; for an owner's other images, of the newest one."""
    listings = Listing.objects.filter(project_id__in=owners).order_by("updated_at")
    emails: dict[Pair, str] = {}
    for image_id, owner, email in listings.values_list("image_id", "project_id", "contact_email"):
        emails[image_id, owner] = emails["", owner] = email
    return emails


def _unrecorded(cloud: Cloud, one: Given) -> Share:
    """A share that another tool made, as the mail wants to see it; it is not kept."""
    return Share(
        image_id=one.image.id,
        project_id=cloud.project.id,
        producer_project_id=one.image.owner,
        image_name=one.image.name,
        shared_at=one.member.created_at,
    )
