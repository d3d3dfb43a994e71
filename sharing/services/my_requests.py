"""What the signed-in user has to do with access requests, as the one who asked.

A request belongs to a project only by proof: it was asked with the project's token. One for which
the project's ID was merely typed names it, and is its asker's alone; the project hears of it,
without the link that gives power over it. It is a user's who asked it signed in, or who opened,
signed in, a link that was mailed to its address (decision 7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.core.paginator import Page, Paginator
from django.db.models import Case, QuerySet, Value, When
from django.db.models.functions import Lower
from django.db.models.query_utils import Q
from django.utils import timezone

from sharing import session
from sharing.cloud.resources import User
from sharing.models import AccessRequest, Producer
from sharing.services import requests, rights
from sharing.session import Cloud

State = AccessRequest.State

PAGE_SIZE = 20
# Of fewer answers no usual waiting time is told, and of older ones neither.
FEWEST_ANSWERS = 3
ANSWERS_OF = timedelta(days=180)
MOST_ANSWERS = 2000

# The drawers, in their order, and the states in each; "all" comes first.
DRAWERS: Mapping[str, Sequence[State]] = {
    "undecided": AccessRequest.UNDECIDED,
    "approved": (State.APPROVED,),
    "declined": (State.DECLINED,),
    "withdrawn": (State.WITHDRAWN, State.EXPIRED),
}


@dataclass(frozen=True, slots=True)
class Wait:
    """How long one producer takes: what the listing says, in days, and what was measured."""

    promised_days: int | None
    median_seconds: int | None
    answers: int

    def is_over(self, since: datetime) -> bool:
        """Whether who asked at ``since`` has waited longer than is usual."""
        if self.promised_days:
            return timezone.now() - since > timedelta(days=self.promised_days)
        measured = self.median_seconds
        return measured is not None and timezone.now() - since > timedelta(seconds=measured)


@dataclass(frozen=True, slots=True)
class Card:
    """A request as the signed-in user may see it.

    ``is_mine``: this user asked it. ``is_ours``: the project's, by proof. Neither: somebody named
    the project, and of that only the fact is shown. ``can_act``: its link may be shown.
    """

    request: AccessRequest
    is_mine: bool
    is_ours: bool
    can_act: bool
    wait: Wait
    producer: Producer | None

    @property
    def is_only_named(self) -> bool:
        return not (self.is_mine or self.is_ours)

    @property
    def is_expired(self) -> bool:
        return requests.is_confirmation_expired(self.request)

    @property
    def can_be_withdrawn(self) -> bool:
        return self.request.is_undecided and not self.is_expired

    @property
    def is_removed(self) -> bool:
        """It was approved, and the share was taken back since."""
        shares = self.request.shares.all()
        return any(share.removed_at for share in shares)

    @property
    def can_be_asked_again(self) -> bool:
        is_settled = self.request.state in (State.DECLINED, State.WITHDRAWN, State.EXPIRED)
        is_over = is_settled or self.is_expired or self.is_removed
        return is_over and self.request.listing.is_published

    @property
    def has_waited_long(self) -> bool:
        request = self.request
        return request.state == State.OPEN and self.wait.is_over(
            request.confirmed_at or request.created_at
        )

    @property
    def masked_email(self) -> str:
        """As much of the address as may help its holder's colleagues to know whose it is."""
        name, _at, domain = self.request.email.partition("@")
        return f"{name[:1]}…@{domain[:1]}…"


@dataclass(frozen=True, slots=True)
class Drawer:
    """One page of one drawer. ``counts`` has every drawer and ``all``."""

    state: str
    counts: Mapping[str, int]
    page: Page[AccessRequest]
    cards: Sequence[Card]


def open_drawer(*, cloud: Cloud, state: str, page: str) -> Drawer:
    """``state`` and ``page`` are what stands in the address; nonsense is all, page 1. What needs
    an answer comes first, then what is undecided, each the newest first."""
    known = _known(cloud)
    counts = _counts(known)
    if state not in DRAWERS:
        state = "all"
    shown = known if state == "all" else known.filter(_is_in(state))
    urgency = Case(
        When(state=State.ASKED, then=Value(0)),
        When(_is_in("undecided"), then=Value(1)),
        default=Value(2),
    )
    ordered = shown.order_by(urgency, "-created_at", "-pk").select_related("listing")
    found = Paginator(ordered.prefetch_related("shares"), PAGE_SIZE).get_page(page)
    return Drawer(state, counts, found, _cards(cloud, list(found.object_list)))


def of_user(*, cloud: Cloud) -> QuerySet[AccessRequest]:
    """What the user asked, or the project by proof: everything with a link that may be his."""
    return AccessRequest.objects.filter(_is_mine(cloud) | _is_ours(cloud))


def withdraw(*, cloud: Cloud, request: AccessRequest, by: User) -> bool:
    """Take back what the user asked himself, or, as a member, what the project asked. False: it
    is decided, or on its way to be.

    Raises NotAllowed, SessionEnded and Unavailable.
    """
    if not AccessRequest.objects.filter(_is_mine(cloud), pk=request.pk).exists():
        rights.require_member(cloud)
    session.connection().identity.check(cloud.token.id, request_id=cloud.request_id)
    return requests.withdraw(request=request, by=by)


def _known(cloud: Cloud) -> QuerySet[AccessRequest]:
    """Also those that only name the project, once they have reached the producer: before that
    nobody but who typed it has to do with it."""
    names_us = Q(project_id=cloud.project.id, confirmed_at__isnull=False)
    return AccessRequest.objects.filter(_is_mine(cloud) | _is_ours(cloud) | names_us)


def _is_ours(cloud: Cloud) -> Q:
    return Q(project_id=cloud.project.id, is_verified=True)


def _is_mine(cloud: Cloud) -> Q:
    emails = _addresses(cloud.user)
    asked = Q(user_id=cloud.user.id)
    if not emails:
        return asked
    keys = AccessRequest.objects.annotate(lower=Lower("email")).filter(lower__in=emails)
    return asked | Q(pk__in=keys.values("pk"))


def _addresses(user: User) -> set[str]:
    """In lower case: those whose mails the user has shown that he reads."""
    proved = AccessRequest.objects.filter(email_proved_by_id=user.id)
    return {email.lower() for email in proved.values_list("email", flat=True)}


def _is_in(drawer: str) -> Q:
    """What was not confirmed in time is as good as withdrawn."""
    lapsed = Q(state=State.UNCONFIRMED, confirm_until__lte=timezone.now())
    states = Q(state__in=DRAWERS[drawer])
    if drawer == "withdrawn":
        return states | lapsed
    return states & ~lapsed if drawer == "undecided" else states


def _counts(known: QuerySet[AccessRequest]) -> dict[str, int]:
    counts = {name: known.filter(_is_in(name)).count() for name in DRAWERS}
    return {"all": sum(counts.values()), **counts}


def _cards(cloud: Cloud, found: Sequence[AccessRequest]) -> list[Card]:
    emails = _addresses(cloud.user)
    asked = {request.listing.project_id for request in found}
    waits = _waits(asked)
    producers = {one.project_id: one for one in Producer.objects.filter(project_id__in=asked)}

    def card(request: AccessRequest) -> Card:
        is_mine = request.user_id == cloud.user.id or request.email.lower() in emails
        is_ours = request.is_verified and request.project_id == cloud.project.id
        durations = waits.get(request.listing.project_id, [])
        is_known = len(durations) >= FEWEST_ANSWERS
        wait = Wait(
            promised_days=request.listing.answer_days,
            median_seconds=int(median(durations)) if is_known else None,
            answers=len(durations),
        )
        return Card(
            request=request,
            is_mine=is_mine,
            is_ours=is_ours,
            can_act=is_mine or (is_ours and cloud.can_edit),
            wait=wait,
            producer=producers.get(request.listing.project_id),
        )

    return [card(request) for request in found]


def _waits(producer_project_ids: set[str]) -> dict[str, list[float]]:
    """How many seconds each decided request of these producers lay with them."""
    decided = AccessRequest.objects.filter(
        listing__project_id__in=producer_project_ids,
        state__in=(State.APPROVED, State.DECLINED),
        decided_at__gte=timezone.now() - ANSWERS_OF,
        confirmed_at__isnull=False,
    ).order_by("-decided_at")
    waits: dict[str, list[float]] = {}
    columns = ("listing__project_id", "confirmed_at", "decided_at")
    for project_id, came_at, decided_at in decided.values_list(*columns)[:MOST_ANSWERS]:
        waits.setdefault(project_id, []).append((decided_at - came_at).total_seconds())
    return waits
