"""Who else is told of a share: whom its project itself wants to be told, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F

from sharing.models import MailAddress, OutgoingMail, Recipient, When

Kind = OutgoingMail.Kind

# What a mail is, in the words of a person's choices.
CHOICES = {
    Kind.SHARED: "shared",
    Kind.REMINDER: "reminder",
    Kind.NEW_VERSION: "new_version",
    Kind.ENDS_SOON: "ends_soon",
    Kind.REMOVED: "removed",
    Kind.IMAGE_DELETED: "removed",
}


@dataclass(frozen=True, slots=True)
class Readers:
    """The addresses of one project: those that are told at once, and those once a day."""

    at_once: Sequence[MailAddress] = ()
    daily: Sequence[MailAddress] = ()

    def besides(self, email: str) -> Readers:
        """Each address once, and not the one that is told anyway: of one thing, one mail."""
        told = {email.lower()}
        return Readers(_others(self.at_once, told), _others(self.daily, told))


def of_projects(kind: str, producer_id: str, project_ids: Iterable[str]) -> Mapping[str, Readers]:
    """By project: its team's address, then its people's. In two queries, for any number.

    Who stopped the mails of a producer has stopped them, by whichever way they would come.
    """
    in_use = MailAddress.objects.filter(
        project_id__in=set(project_ids), confirmed_at__isnull=False, ended_at=None
    )
    found = in_use.select_related("subscription").order_by(
        F("subscription").asc(nulls_first=True), "pk"
    )
    silent = _silent(producer_id, [one.email.lower() for one in found])
    by_time: dict[str, dict[str, list[MailAddress]]] = defaultdict(lambda: defaultdict(list))
    for one in found:
        if one.email.lower() not in silent:
            by_time[one.project_id][_when(one, kind)].append(one)
    return {
        project_id: Readers(times[When.AT_ONCE], times[When.DAILY])
        for project_id, times in by_time.items()
    }


def _when(one: MailAddress, kind: str) -> str:
    """The team is told of everything, at once."""
    return getattr(one.subscription, CHOICES[Kind(kind)]) if one.subscription else When.AT_ONCE


def _silent(producer_id: str, emails: Sequence[str]) -> set[str]:
    if not emails:
        return set()
    stopped = Recipient.objects.filter(
        producer_project_id=producer_id, email__in=emails, unsubscribed_at__isnull=False
    )
    return set(stopped.values_list("email", flat=True))


def _others(addresses: Iterable[MailAddress], told: set[str]) -> list[MailAddress]:
    """Those that are not ``told`` yet; afterwards they are."""
    others = []
    for one in addresses:
        if one.email.lower() not in told:
            told.add(one.email.lower())
            others.append(one)
    return others
