"""One image × one consumer project, as the producer sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sharing.cloud.resources import Member, normalise_project_id
from sharing.models import Contact, OutgoingMail, Share


@dataclass(frozen=True, slots=True)
class ImageShare:
    """The API's member and what we know of it, as one record."""

    member: Member
    share: Share | None
    contact: Contact | None
    last_mail: OutgoingMail | None
    wants_no_mail: bool = False

    @property
    def is_recorded(self) -> bool:
        """Whether our record is of this membership, and not of one that was removed before it."""
        return self.share is not None and self.share.removed_at is None

    @property
    def is_from_elsewhere(self) -> bool:
        """Made by another tool: nobody here shared it, though we may have written of it since."""
        return not (self.share and self.is_recorded and self.share.shared_by_id)

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
    def is_project(self) -> bool:
        """Whether the member's name is a project's ID at all: the API takes anything (trap 1)."""
        return normalise_project_id(self.member.project_id) == self.member.project_id

    @property
    def can_be_removed(self) -> bool:
        """A name with a slash, or made of dots, cannot be put into an address."""
        return self.member.project_id not in {"", ".", ".."} and "/" not in self.member.project_id
