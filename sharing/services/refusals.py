"""Why a verb did not do what was asked, in the product's words.

The tree::

    Refusal
    ├── OwnProject       the image's own project cannot be its member
    ├── AlreadyMember    knows the member
    ├── NotMember        there is nothing to remove, or to set
    ├── NotShared        the image's visibility allows no members
    ├── QuotaReached     the image has as many members as the cloud allows
    ├── ImageGone        deleted, or no longer visible to this project
    ├── OtherRegion      the image is in a region other than the chosen one
    ├── NotPending       who has answered is not reminded; knows the status
    ├── NoContact        there is no address to write to
    ├── WantsNoMail      the address has stopped the producer's mails
    ├── TooSoon          reminded a short while ago; knows until when to wait
    ├── TooOften         reminded as often as may be
    ├── NotAllowed       the cloud's policy, or our own rule like it, says no to this user
    ├── AlreadyDecided   someone else took, or is taking, this decision
    └── TooMany          a limit of the portal; knows how long to wait

``str()`` of each is a sentence for the page.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sharing.cloud.resources import Member


class Refusal(Exception):
    def __init__(self, text: str) -> None:
        super().__init__(text)


class OwnProject(Refusal):
    def __init__(self) -> None:
        super().__init__(_("This is the image's own project: it has the image already."))


class AlreadyMember(Refusal):
    def __init__(self, member: Member) -> None:
        super().__init__(_("This project is already a member of the image."))
        self.member = member


class NotMember(Refusal):
    def __init__(self) -> None:
        super().__init__(_("This project is not a member of the image (any more)."))


class NotShared(Refusal):
    def __init__(self, visibility: str) -> None:
        super().__init__(
            _(
                "The image's visibility is “%(visibility)s”. Only an image with the visibility "
                "“shared” can have members: change it on the image's page first."
            )
            % {"visibility": visibility}
        )
        self.visibility = visibility


class QuotaReached(Refusal):
    def __init__(self) -> None:
        super().__init__(
            _(
                "The image has as many members as this cloud allows. Remove one, or ask the "
                "cloud's operator for a higher quota."
            )
        )


class ImageGone(Refusal):
    def __init__(self) -> None:
        super().__init__(_("The image is gone: it was deleted, or is no longer visible to you."))


class OtherRegion(Refusal):
    def __init__(self, region: str) -> None:
        super().__init__(
            _("The image is in the region “%(region)s”: switch to it first, above on the right.")
            % {"region": region}
        )


class NotPending(Refusal):
    def __init__(self, status: str) -> None:
        said = {
            "accepted": _("Accepted already: there is nothing to remind them of."),
            "rejected": _("Rejected: who rejected is not reminded."),
        }
        super().__init__(said.get(status, status))
        self.status = status


class NoContact(Refusal):
    def __init__(self) -> None:
        super().__init__(_("There is no address to write to: add a contact first."))


class WantsNoMail(Refusal):
    def __init__(self) -> None:
        super().__init__(_("The contact has stopped your mails."))


class TooSoon(Refusal):
    def __init__(self, until: datetime) -> None:
        day = date_format(timezone.localtime(until), "DATE_FORMAT")
        super().__init__(_("Reminded lately: not again before %(day)s.") % {"day": day})
        self.until = until


class TooOften(Refusal):
    def __init__(self, limit: int) -> None:
        words = ngettext(
            "Reminded %(n)d time: that is the most.",
            "Reminded %(n)d times: that is the most.",
            limit,
        )
        super().__init__(words % {"n": limit})


class NotAllowed(Refusal):
    def __init__(self) -> None:
        super().__init__(
            _("The cloud does not allow you to do this. In most clouds it takes the role “member”.")
        )


class AlreadyDecided(Refusal):
    """``by`` is a user's name, ``at`` None while the other decision is still on its way."""

    def __init__(self, *, state: str, by: str, at: datetime | None) -> None:
        super().__init__(_("Someone else decided this request first."))
        self.state = state
        self.by = by
        self.at = at


class TooMany(Refusal):
    def __init__(self, text: str, *, wait_seconds: int = 0) -> None:
        super().__init__(text)
        self.wait_seconds = wait_seconds
