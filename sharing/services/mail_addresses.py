"""The addresses that a consumer project's own people give for its mails, and how each is proved.

An address gets nothing until the link that was mailed to it is opened. Another one takes its place
only then, so that a mistyped address costs nobody a mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sharing import mail
from sharing.cloud.resources import Project, User
from sharing.models import DigestItem, MailAddress, OutgoingMail, Subscription
from sharing.services import history, refusals, requests, rights, throttle
from sharing.session import Cloud

CONFIRM_WITHIN = timedelta(hours=48)
ASKED_PER_HOUR = 10  # by one person, to whichever addresses
KEPT = timedelta(days=90)  # so long the links of an address that ended still say so
Ending = MailAddress.Ending


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a project's, or a person's, mails go. ``last`` is the one that ended by itself: by its
    link, or because its person left; None while another one is there."""

    in_use: MailAddress | None = None
    waiting: MailAddress | None = None
    last: MailAddress | None = None
    # Why the newest mail to it could not be delivered, in the mail server's words.
    problem: str = ""

    @property
    def is_too_late(self) -> bool:
        return self.waiting is not None and is_expired(self.waiting)

    @property
    def email(self) -> str:
        """What stands in the form."""
        shown = self.waiting or self.in_use or self.last
        return shown.email if shown else ""


def of_team(*, project_id: str) -> Standing:
    return standing(MailAddress.objects.filter(project_id=project_id, subscription=None))


def standing(addresses: QuerySet[MailAddress]) -> Standing:
    """Of one owner's ``addresses``."""
    newest = list(addresses.order_by("-pk")[:20])
    in_use = next((one for one in newest if one.is_in_use), None)
    waiting = next((one for one in newest if not one.confirmed_at and not one.ended_at), None)
    if in_use or waiting:
        return Standing(in_use, waiting, problem=_problem(in_use) if in_use else "")
    ended = (one for one in newest if one.confirmed_at and one.ending != Ending.REPLACED)
    last = next(ended, None)
    by_itself = last is not None and last.ending in {Ending.STOPPED, Ending.LEFT}
    return Standing(last=last if by_itself else None)


def set_team(*, cloud: Cloud, email: str, is_shown: bool, by: User) -> MailAddress:
    """Register the team's address, or say whether producers may read it.

    Raises NotAllowed, SessionEnded, Unavailable and TooMany.
    """
    rights.require_member_now(cloud)
    held = of_team(project_id=cloud.project.id)
    if held.in_use and held.in_use.email == email:
        with transaction.atomic():
            _end(_alive(cloud.project.id, None).filter(confirmed_at=None), Ending.REPLACED)
            held.in_use.is_shown = is_shown
            held.in_use.save(update_fields=["is_shown"])
        return held.in_use
    before = held.in_use.email if held.in_use else "–"
    refuse_too_often(email, by)
    with transaction.atomic():
        address = ask(project=cloud.project, email=email, by=by, is_shown=is_shown)
        _record(cloud, by, history.Verb.TEAM_ADDRESS_SET, f"{before} → {email}")
    return address


def take_out_team(*, cloud: Cloud, by: User) -> bool:
    """The project has no address of its own any more. False: it had none. Raises NotAllowed."""
    rights.require_member(cloud)
    with transaction.atomic():
        held = of_team(project_id=cloud.project.id)
        ended = _end(_alive(cloud.project.id, None), Ending.TAKEN_OUT)
        if ended:
            _record(cloud, by, history.Verb.TEAM_ADDRESS_ENDED, held.email)
    return bool(ended)


def refuse_too_often(email: str, by: User) -> None:
    """Raises TooMany: to one address, from wherever; and by one person, to whichever."""
    counted = [
        ("confirm-by", by.id, ASKED_PER_HOUR),
        ("confirm", email, requests.CONFIRMATIONS_PER_HOUR),
    ]
    for kind, key, limit in counted:
        wait = throttle.hit(kind=kind, key=key, limit=limit, window=timedelta(hours=1))
        if wait:
            raise refusals.TooMany(_("Too many mails to confirm."), wait_seconds=wait)


def ask(
    *,
    project: Project,
    email: str,
    by: User,
    subscription: Subscription | None = None,
    is_shown: bool = False,
) -> MailAddress:
    """An address that waits for its link, which is mailed to it; in the caller's transaction. One
    that waited before waits no more."""
    _end(_alive(project.id, subscription).filter(confirmed_at=None), Ending.REPLACED)
    address = MailAddress.objects.create(
        project_id=project.id,
        project_name=project.name,
        subscription=subscription,
        email=email,
        is_shown=is_shown,
        by_id=by.id,
        by_name=by.name,
        confirm_until=timezone.now() + CONFIRM_WITHIN,
    )
    mail.confirm_address(address)
    return address


def adopt(*, project: Project, email: str, by: User, subscription: Subscription) -> MailAddress:
    """An address that is known as the person's from another project: it needs no link."""
    now = timezone.now()
    _end(_alive(project.id, subscription), Ending.REPLACED)
    return MailAddress.objects.create(
        project_id=project.id,
        project_name=project.name,
        subscription=subscription,
        email=email,
        by_id=by.id,
        by_name=by.name,
        confirm_until=now,
        confirmed_at=now,
    )


def is_expired(address: MailAddress) -> bool:
    return address.confirmed_at is None and address.confirm_until <= timezone.now()


def confirm(*, address: MailAddress) -> bool:
    """It is read by somebody who wants the mails: from now on it gets them, in the place of the
    one before. False: not any more."""
    now = timezone.now()
    with transaction.atomic():
        # All of the owner's, in one order: of two that are confirmed at once, one comes first.
        alive = _alive(address.project_id, address.subscription).order_by("pk")
        mine = next((one for one in alive.select_for_update() if one.pk == address.pk), None)
        if mine is None or mine.confirmed_at or is_expired(mine):
            return False
        _end(alive.exclude(confirmed_at=None), Ending.REPLACED)
        mine.confirmed_at = now
        mine.save(update_fields=["confirmed_at"])
    address.refresh_from_db()
    return True


def stop(*, address: MailAddress) -> None:
    """By the link in each mail, without a sign-in. Once more changes nothing, not even the date."""
    with transaction.atomic():
        ended = _end(MailAddress.objects.filter(pk=address.pk, ended_at=None), Ending.STOPPED)
        if ended:
            mail.stop(address.token)
        if ended and address.subscription:
            DigestItem.objects.filter(subscription=address.subscription).delete()
    address.refresh_from_db()


def resume(*, address: MailAddress) -> bool:
    """Take ``stop`` back. False where another address has its place, or its person has left."""
    with transaction.atomic():
        alive = _alive(address.project_id, address.subscription).order_by("pk")
        is_taken = any(one.confirmed_at for one in alive.select_for_update())
        stopped = MailAddress.objects.filter(pk=address.pk, ending=Ending.STOPPED)
        mine = not is_taken and stopped.update(ended_at=None, ending="")
    address.refresh_from_db()
    return bool(mine)


def forget_old() -> int:
    """Remove what nobody needs any more: addresses that ended, or were never confirmed."""
    before = timezone.now() - KEPT
    unproved = Q(confirmed_at=None, confirm_until__lt=before)
    return MailAddress.objects.filter(Q(ended_at__lt=before) | unproved).delete()[0]


def _alive(project_id: str, subscription: Subscription | None) -> QuerySet[MailAddress]:
    return MailAddress.objects.filter(
        project_id=project_id, subscription=subscription, ended_at=None
    )


def _end(addresses: QuerySet[MailAddress], ending: Ending) -> int:
    return addresses.update(ended_at=timezone.now(), ending=ending)


def _problem(address: MailAddress) -> str:
    written = OutgoingMail.objects.filter(
        producer_project_id="", project_id=address.project_id, to=address.email
    )
    newest = written.defer("text", "html").order_by("-created_at", "-pk").first()
    return newest.last_error if newest and newest.state == OutgoingMail.State.FAILED else ""


def _record(cloud: Cloud, by: User, verb: history.Verb, detail: str) -> None:
    """In the project's own history, which only its own people read."""
    history.record(
        cloud=cloud,
        by=by,
        verb=verb,
        producer_project_id=cloud.project.id,
        image_id="",
        image_name="",
        detail=detail,
    )
