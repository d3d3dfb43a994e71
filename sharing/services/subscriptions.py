"""What a person wants to be told of what is shared with a project, when and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from sharing import session
from sharing.cloud.resources import Project, User
from sharing.models import DigestItem, MailAddress, Subscription, When
from sharing.services import mail_addresses
from sharing.services.mail_addresses import Ending, Standing
from sharing.session import Cloud


def of(*, user: User, project_id: str) -> tuple[Subscription | None, Standing]:
    """The person's choices for a project, None before the first, and where the mails go."""
    mine = Subscription.objects.filter(user_id=user.id, project_id=project_id).first()
    return mine, mail_addresses.standing(mine.addresses.all()) if mine else Standing()


def known_email(*, user: User) -> str:
    """An address that the person has confirmed for another project; empty if there is none."""
    newest = _proved(user).order_by("-confirmed_at").first()
    return newest.email if newest else ""


def save(*, cloud: Cloud, email: str, choices: Mapping[str, str], by: User) -> MailAddress:
    """Keep what the person chose, and the address; it is in use at once if it is known as theirs,
    else when its link is opened. The one before goes on until then.

    Only ever for the project that the person is signed in for: Keystone is asked whether the token
    still holds. Raises SessionEnded, Unavailable and TooMany.
    """
    session.connection().identity.check(cloud.token.id, request_id=cloud.request_id)
    _before, held = of(user=by, project_id=cloud.project.id)
    is_same = held.in_use is not None and held.in_use.email == email
    is_proved = _proved(by).filter(email=email).exists()
    if not is_same and not is_proved:
        mail_addresses.refuse_too_often(email, by)
    with transaction.atomic():
        mine, _is_new = Subscription.objects.update_or_create(
            user_id=by.id,
            project_id=cloud.project.id,
            defaults={**choices, "user_name": by.name},
        )
        _forget_unwanted(mine)
        if held.in_use and is_same:
            mine.addresses.filter(confirmed_at=None, ended_at=None).update(
                ended_at=timezone.now(), ending=Ending.REPLACED
            )
            return held.in_use
        if is_proved:
            return mail_addresses.adopt(
                project=cloud.project, email=email, by=by, subscription=mine
            )
        return mail_addresses.ask(project=cloud.project, email=email, by=by, subscription=mine)


def end(*, cloud: Cloud, by: User) -> bool:
    """No more mails to the person about this project; what was chosen is kept. False: there were
    none."""
    mine = Subscription.objects.filter(user_id=by.id, project_id=cloud.project.id)
    return bool(_end(mine, Ending.TAKEN_OUT))


def end_left(*, user: User, projects: Iterable[Project]) -> int:
    """Keystone has just said in which ``projects`` the user is: what was subscribed to for any
    other has ended, and the links of its mails do not bring it back."""
    theirs = Subscription.objects.filter(user_id=user.id)
    left = theirs.exclude(project_id__in=[project.id for project in projects])
    return _end(left, Ending.LEFT)


def _end(subscriptions: Iterable[Subscription], ending: Ending) -> int:
    ids = [one.pk for one in subscriptions]
    if not ids:
        return 0
    with transaction.atomic():
        DigestItem.objects.filter(subscription__in=ids).delete()
        theirs = MailAddress.objects.filter(subscription__in=ids)
        stopped = theirs.filter(ending=Ending.STOPPED)
        stopped.update(ending=ending)
        return theirs.filter(ended_at=None).update(ended_at=timezone.now(), ending=ending)


def _proved(user: User) -> QuerySet[MailAddress]:
    return MailAddress.objects.filter(
        subscription__user_id=user.id, confirmed_at__isnull=False, ended_at=None
    )


def _forget_unwanted(mine: Subscription) -> None:
    """What was collected and is not to be told any more, neither at once nor daily."""
    for kind, when in mine.choices().items():
        if when == When.NEVER:
            DigestItem.objects.filter(subscription=mine, choice=kind).delete()
