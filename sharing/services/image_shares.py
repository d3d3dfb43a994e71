"""One image × one consumer project, as the producer sees it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db.models import CharField, Model, QuerySet, Value
from django.db.models.functions import Concat
from django.db.models.lookups import In
from django.utils import timezone

from sharing.cloud.resources import Member, normalise_project_id
from sharing.models import Contact, OutgoingMail, Share
from sharing.services import contacts, reasons

M = TypeVar("M", bound=Model)

# Pending for so long without an answer: the project ID may have been mistyped.
QUIET_AFTER = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ImageShare:
    """The API's member and what we know of it, as one record."""

    member: Member
    share: Share | None
    contact: Contact | None
    last_mail: OutgoingMail | None
    wants_no_mail: bool = False
    # Where no contact can be reached: whether the project registered an address itself, and which;
    # empty if producers may not read it.
    has_own_address: bool = False
    own_address: str = ""
    # Why it was rejected, in the consumer's words.
    reason: str = ""

    @property
    def is_recorded(self) -> bool:
        """Whether our record is of this membership, and not of one that was removed before it."""
        return self.share is not None and self.share.removed_at is None

    @property
    def is_from_elsewhere(self) -> bool:
        """Made by another tool: nobody here shared it, though we may have written of it since."""
        return not (self.share and self.is_recorded and self.share.shared_by_id)

    @property
    def can_be_reached(self) -> bool:
        return self.has_own_address or (self.contact is not None and not self.wants_no_mail)

    @property
    def has_never_been_told(self) -> bool:
        return self.last_mail is None or self.last_mail.kind == OutgoingMail.Kind.REMOVED

    @property
    def can_be_told(self) -> bool:
        """Who rejected is not written to; who accepted need not be, unless nobody ever did."""
        return self.member.is_pending or (self.member.is_accepted and self.has_never_been_told)

    @property
    def is_renewed_elsewhere(self) -> bool:
        """Removed here, and made a member again by another tool since. The API keeps the first
        ``created_at`` (trap 12); until the answer, ``updated_at`` is when it came back."""
        return self.share is not None and self.share.removed_at is not None

    @property
    def shared_at(self) -> datetime:
        if self.share and self.is_recorded:
            return self.share.shared_at
        if self.is_renewed_elsewhere and self.member.is_pending:
            return self.member.updated_at
        return self.member.created_at

    @property
    def is_put_back(self) -> bool:
        """Pending on purpose: the consumer answered before, and then put it back.

        All that the API keeps of that is an ``updated_at`` after ``created_at``; but sharing anew
        with a removed project moves it as well, and of that we have a record (trap 12).
        """
        if not self.member.is_pending or self.is_renewed_elsewhere:
            return False
        if self.share and self.is_recorded:
            if self.share.answered_at:
                return True
            if self.share.shared_at >= self.member.updated_at:
                return False
        return self.member.updated_at > self.member.created_at

    @property
    def answered_at(self) -> datetime | None:
        """When the consumer last answered; None: never, or so soon that the API's times, which
        have whole seconds, do not show it and we were not there."""
        if self.member.is_pending and not self.is_put_back:
            return None
        if self.member.updated_at > self.member.created_at:
            return self.member.updated_at
        return self.share.answered_at if self.share and self.is_recorded else None

    @property
    def is_quiet(self) -> bool:
        """Waits for very long, and nobody ever answered: perhaps there is no such project."""
        has_answered = not self.member.is_pending or self.is_put_back
        return not has_answered and self.shared_at <= timezone.now() - QUIET_AFTER

    @property
    def reminded_at(self) -> datetime | None:
        return self.share.reminded_at if self.share and self.is_recorded else None

    @property
    def reminders(self) -> int:
        return self.share.reminders if self.share and self.is_recorded else 0

    @property
    def ends_on(self) -> date | None:
        return self.share.ends_on if self.share and self.is_recorded else None

    @property
    def is_project(self) -> bool:
        """Whether the member's name is a project's ID at all: the API takes anything (trap 1)."""
        return normalise_project_id(self.member.project_id) == self.member.project_id

    @property
    def can_be_removed(self) -> bool:
        """A name with a slash, or made of dots, cannot be put into an address."""
        return self.member.project_id not in {"", ".", ".."} and "/" not in self.member.project_id


def join(members: Sequence[Member], *, producer_project_id: str) -> list[ImageShare]:
    """Each member with what our tables know of it, in as many queries for all as for one."""
    recorded = Share.objects.filter(producer_project_id=producer_project_id)
    shares = {(share.image_id, share.project_id): share for share in _only(recorded, members)}
    held = {
        contact.project_id: contact
        for contact in Contact.objects.filter(
            producer_project_id=producer_project_id,
            project_id__in={member.project_id for member in members},
        )
    }
    emails = [contact.email for contact in held.values()]
    silent = contacts.silent(producer_project_id=producer_project_id, emails=emails)
    unreached = {
        member.project_id
        for member in members
        if member.project_id not in held or held[member.project_id].email.lower() in silent
    }
    own = contacts.own_addresses(producer_project_id=producer_project_id, project_ids=unreached)
    newest = {
        (mail.image_id, mail.project_id): mail
        for mail in _only(mails(producer_project_id), members)
    }

    # Without a query where nobody rejected.
    answers = reasons.said(producer_project_id=producer_project_id)
    rejected = [member for member in members if member.is_rejected]
    said = {(entry.image_id, entry.project_id): entry for entry in _only(answers, rejected)}

    def joined(member: Member) -> ImageShare:
        contact, key = held.get(member.project_id), (member.image_id, member.project_id)
        return ImageShare(
            member=member,
            share=shares.get(key),
            contact=contact,
            last_mail=newest.get(key),
            wants_no_mail=contact is not None and contact.email.lower() in silent,
            has_own_address=member.project_id in own,
            own_address=own.get(member.project_id, ""),
            reason=said[key].reason if key in said else "",
        )

    return [joined(member) for member in members]


def mails(producer_project_id: str) -> QuerySet[OutgoingMail]:
    """What was written to a producer's consumers, oldest first; without the long texts."""
    written = OutgoingMail.objects.filter(
        producer_project_id=producer_project_id, kind__in=OutgoingMail.TO_CONSUMER
    )
    return written.order_by("created_at", "pk").defer("text", "html")


def _only(rows: QuerySet[M], members: Iterable[Member]) -> QuerySet[M]:
    """Exactly these images with these projects, and not each image with each project."""
    keys = {f"{member.image_id} {member.project_id}" for member in members}
    image_ids = {member.image_id for member in members}
    pair = Concat("image_id", Value(" "), "project_id", output_field=CharField())
    return rows.filter(In(pair, keys), image_id__in=image_ids)
