"""What ``services.members`` writes down for one share, for many at once: in the caller's
transaction, with few queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from sharing import mail
from sharing.cloud.resources import Image, Member, User
from sharing.models import BulkJob, BulkRow, Contact, HistoryEntry, Share, Succession
from sharing.services import contacts, history, members
from sharing.session import Cloud

_PAIR = ("image_id", "project_id", "producer_project_id")
_GIVEN = ("note", "request", "shared_at", "shared_by_id", "shared_by_name")


@dataclass(frozen=True, slots=True)
class Done:
    """A row that was carried out; ``member`` is None after a removal."""

    image: Image
    row: BulkRow
    member: Member | None


def write_down_added(*, cloud: Cloud, job: BulkJob, done: Sequence[Done], by: User) -> None:
    """The shares, the contacts, the history and the mails."""
    if not done:
        return
    images = {one.image.id: one.image for one in done}
    facts = {key: members.share_facts(cloud, image) for key, image in images.items()}
    now = timezone.now()
    shares = [
        Share(
            image_id=one.image.id,
            project_id=one.row.project_id,
            producer_project_id=one.image.owner,
            note=one.row.note,
            shared_at=_not_before(one.member, now),
            shared_by_id=by.id,
            shared_by_name=by.name,
            **facts[one.image.id],
        )
        for one in done
    ]
    renewed = {*_GIVEN, *(name for of_image in facts.values() for name in of_image)}
    Share.objects.bulk_create(
        shares, update_conflicts=True, unique_fields=_PAIR, update_fields=renewed
    )
    changed = _keep_contacts(done)
    entries = [_entry(cloud, by, one, history.Verb.MEMBER_ADDED) for one in done]
    entries += [
        _entry(cloud, by, one, history.Verb.CONTACT_CHANGED, detail) for one, detail in changed
    ]
    HistoryEntry.objects.bulk_create(entries)
    reply_to = {key: members.producer_email(key, image.owner) for key, image in images.items()}
    letters = [
        mail.Letter(share, one.row.email, reply_to[share.image_id])
        for share, one in zip(shares, done, strict=True)
    ]
    # Asked for now: it may have been taken back since the job was read.
    step = Succession.objects.filter(jobs=job).first()
    if step:
        mail.new_version_many(letters, step)
    else:
        mail.shared_many(letters)


def write_down_removed(*, cloud: Cloud, done: Sequence[Done], by: User) -> None:
    """The shares that ended, the history, and the mails to those who are to be told."""
    if not done:
        return
    images = {one.image.id: one.image for one in done}
    owner = done[0].image.owner
    projects = {one.row.project_id for one in done}
    now = timezone.now()
    known = Share.objects.select_related("request").filter(
        image_id__in=images, producer_project_id=owner, project_id__in=projects
    )
    shares = {(one.image_id, one.project_id): one for one in known}
    held = contacts.emails(producer_project_id=owner, project_ids=projects)
    told = {*held, *contacts.have_readers(project_ids=projects)}
    facts = {key: members.share_facts(cloud, image) for key, image in images.items()}
    # One that another tool made has no record: it gets one when there is somebody to tell.
    ended = [
        shares.get((one.image.id, one.row.project_id))
        or Share(
            image_id=one.image.id,
            project_id=one.row.project_id,
            producer_project_id=owner,
            shared_at=now,
            **facts[one.image.id],
        )
        for one in done
        if one.row.project_id in told or (one.image.id, one.row.project_id) in shares
    ]
    Share.objects.bulk_create([share for share in ended if share.pk is None])
    Share.objects.filter(pk__in=[share.pk for share in ended]).update(removed_at=now)
    HistoryEntry.objects.bulk_create(
        [_entry(cloud, by, one, history.Verb.MEMBER_REMOVED) for one in done]
    )
    reply_to = {key: members.producer_email(key, owner) for key in images}
    mail.removed_many(
        [
            mail.Letter(share, held.get(share.project_id, ""), reply_to[share.image_id])
            for share in ended
        ]
    )


def _not_before(member: Member | None, now: datetime) -> datetime:
    """Not before the API's own time of it: its clock may be ahead (ImageShare.is_put_back)."""
    return max(now, member.updated_at) if member else now


def _keep_contacts(done: Sequence[Done]) -> list[tuple[Done, str]]:
    """Keep the addresses of the rows; those that changed, and what is to be said of it."""
    given = {one.row.project_id: one for one in done if one.row.email}
    if not given:
        return []
    owner = done[0].image.owner
    held = contacts.emails(producer_project_id=owner, project_ids=given)
    changed = {
        project_id: one
        for project_id, one in given.items()
        if held.get(project_id) != one.row.email
    }
    Contact.objects.bulk_create(
        [
            Contact(producer_project_id=owner, project_id=project_id, email=one.row.email)
            for project_id, one in changed.items()
        ],
        update_conflicts=True,
        unique_fields=("producer_project_id", "project_id"),
        update_fields=("email", "updated_at"),
    )
    return [
        (one, f"{held.get(project_id) or '–'} → {one.row.email}")
        for project_id, one in changed.items()
    ]


def _entry(cloud: Cloud, by: User, one: Done, verb: history.Verb, detail: str = "") -> HistoryEntry:
    return history.entry(
        cloud=cloud,
        by=by,
        verb=verb,
        producer_project_id=one.image.owner,
        image_id=one.image.id,
        image_name=one.image.name,
        project_id=one.row.project_id,
        detail=detail,
    )
