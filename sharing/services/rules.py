"""Standing rules: requests that need nobody's look are approved in the session of a producer.

A rule has no token of its own. It is carried out while someone of the project is here, as that
user, and by the same verb as a decision of his. Each request is put to its rule once, and again
when something has changed: the rule, the proof of the address, an answer. What the cloud did not
let a rule approve is tried again after a while, behind all that is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from sharing.cloud import errors
from sharing.cloud.resources import User
from sharing.models import AccessRequest, Listing, Rule
from sharing.services import decisions, history, refusals, rights
from sharing.session import Cloud

LeftOpen = AccessRequest.LeftOpen

MOST_AT_ONCE = 20
MOST_LOOKED_AT = 500
TRY_AGAIN_AFTER = timedelta(minutes=5)

_PROBLEMS: Mapping[type[Exception], LeftOpen] = {
    refusals.QuotaReached: LeftOpen.QUOTA,
    refusals.NotShared: LeftOpen.NOT_SHARED,
    refusals.ImageGone: LeftOpen.GONE,
    refusals.OtherRegion: LeftOpen.ELSEWHERE,
    refusals.NotAllowed: LeftOpen.FORBIDDEN,
    errors.Unavailable: LeftOpen.AWAY,
}


@dataclass(frozen=True, slots=True)
class Run:
    """What the rules did. ``left_open``: what they would approve, and the cloud did not let them;
    ``is_more``: there is work left for the next run."""

    approved: Sequence[AccessRequest] = ()
    left_open: Sequence[AccessRequest] = ()
    is_more: bool = False


def count_waiting(*, project_id: str) -> int | None:
    """How many requests the rules would approve now; None while no rule is on."""
    if not Rule.objects.filter(listing__project_id=project_id, is_on=True).exists():
        return None
    waiting = _unsettled(project_id)[:MOST_LOOKED_AT]
    return sum(request.listing.rule.approves(request) for request in waiting)


def why_not(request: AccessRequest) -> LeftOpen | None:
    """Why an open request waits for a person though its listing has a rule; None: it has none that
    is on, or the rule has not been carried out yet."""
    rule: Rule | None = getattr(request.listing, "rule", None)
    if rule is None or not rule.is_on or request.state != AccessRequest.State.OPEN:
        return None
    problem = LeftOpen(request.rule_problem) if request.rule_problem else None
    return rule.why_not(request) or problem


def run(*, cloud: Cloud, by: User, again: bool = False) -> Run:
    """Approve what the rules approve, at most ``MOST_AT_ONCE``; ``again``: also what the cloud did
    not let them a moment ago. What cannot be approved stays open for a person, who sees why.

    Raises NotAllowed and SessionEnded; what was approved by then stays approved.
    """
    rights.require_member(cloud)
    unsettled = _unsettled(cloud.project.id)
    if not again:
        rested = Q(rule_looked_at__lte=timezone.now() - TRY_AGAIN_AFTER)
        unsettled = unsettled.filter(rested | Q(rule_looked_at=None))
    looked_at = list(unsettled[: MOST_LOOKED_AT + 1])
    seen = looked_at[:MOST_LOOKED_AT]
    wanted = [request for request in seen if request.listing.rule.approves(request)]
    _settle(request for request in seen if not request.listing.rule.approves(request))
    approved, left_open = _approve(cloud, wanted[:MOST_AT_ONCE], by)
    is_away = any(request.rule_problem == LeftOpen.AWAY for request in left_open)
    is_more = len(looked_at) > MOST_LOOKED_AT or len(wanted) > MOST_AT_ONCE
    return Run(approved, left_open, is_more and not is_away)


def save(
    *, cloud: Cloud, listing: Listing, is_on: bool, lists: Mapping[str, Sequence[str]], by: User
) -> None:
    """``lists`` has the four lists of a rule by their names.

    Raises NotAllowed, SessionEnded and Unavailable.
    """
    rights.require_member_now(cloud)
    with transaction.atomic():
        values = {name: "\n".join(entries) for name, entries in lists.items()}
        Rule.objects.update_or_create(listing=listing, defaults={"is_on": is_on, **values})
        undecided = listing.requests.filter(state__in=AccessRequest.UNDECIDED)
        undecided.update(rule_looked_at=None, rule_problem="")
        history.record(
            cloud=cloud,
            by=by,
            verb=history.Verb.RULE_SAVED,
            producer_project_id=listing.project_id,
            image_id=listing.image_id,
            image_name=listing.image_name or listing.title,
            detail="on" if is_on else "off",
        )


def _unsettled(project_id: str) -> QuerySet[AccessRequest]:
    """The open requests that no rule has looked at, oldest first; behind them what the cloud did
    not let a rule approve, the longest ago first."""
    candidates = AccessRequest.objects.filter(
        Q(rule_looked_at=None) | ~Q(rule_problem=""),
        listing__project_id=project_id,
        listing__rule__is_on=True,
        state=AccessRequest.State.OPEN,
    ).select_related("listing__rule")
    return candidates.order_by(F("rule_looked_at").asc(nulls_first=True), "created_at", "pk")


def _approve(
    cloud: Cloud, requests: Sequence[AccessRequest], by: User
) -> tuple[list[AccessRequest], list[AccessRequest]]:
    """Those that were approved, and those that the cloud did not let be."""
    approved, left_open = [], []
    for request in requests:
        try:
            decisions.approve(cloud=cloud, request=request, by=by, by_rule=True)
        except refusals.AlreadyDecided:
            continue  # by a colleague, or by the same rule in another session
        except errors.SessionEnded:
            raise
        except (refusals.Refusal, errors.CloudError) as error:
            _keep_problem(request, error)
            left_open.append(request)
            if isinstance(error, errors.Refused | errors.TimedOut):
                break  # the others would only wait for the same
        else:
            approved.append(request)
    return approved, left_open


def _keep_problem(request: AccessRequest, error: Exception) -> None:
    found = (problem for kind, problem in _PROBLEMS.items() if isinstance(error, kind))
    request.rule_problem = next(found, LeftOpen.REFUSED)
    request.rule_looked_at = timezone.now()
    still = AccessRequest.objects.filter(pk=request.pk, state=AccessRequest.State.OPEN)
    still.update(rule_problem=request.rule_problem, rule_looked_at=request.rule_looked_at)


def _settle(requests: Iterable[AccessRequest]) -> None:
    """A person's turn: these are not looked at again until something changes. What has changed
    since they were read, the rule or the proof of an address, is not passed over."""
    left = list(requests)
    with transaction.atomic():
        rules = Rule.objects.select_for_update().filter(
            pk__in={request.listing.rule.pk for request in left}
        )
        same = set(rules.values_list("pk", "updated_at"))
        known = [one for one in left if (one.listing.rule.pk, one.listing.rule.updated_at) in same]
        for is_proved in (True, False):
            keys = [one.pk for one in known if bool(one.email_proved_at) == is_proved]
            unchanged = AccessRequest.objects.filter(
                pk__in=keys, email_proved_at__isnull=not is_proved
            )
            unchanged.update(rule_looked_at=timezone.now(), rule_problem="")
