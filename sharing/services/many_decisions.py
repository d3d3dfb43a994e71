"""One decision on several requests, one after the other: each has a result of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.utils.translation import gettext as _

from sharing.cloud import errors
from sharing.cloud.resources import User
from sharing.models import AccessRequest
from sharing.services import decisions, refusals, rights
from sharing.session import Cloud

MOST_AT_ONCE = 50  # a browser waits for the answer meanwhile


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one request; ``problem`` is empty when the decision was carried out."""

    request: AccessRequest
    problem: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """``rest`` was not touched: it was too much at once, or ``stopped_by`` came in between."""

    results: Sequence[Result]
    rest: Sequence[AccessRequest]
    stopped_by: errors.CloudError | None = None

    @property
    def done(self) -> int:
        return sum(not result.problem for result in self.results)

    @property
    def is_session_ended(self) -> bool:
        return isinstance(self.stopped_by, errors.SessionEnded)


def decide(
    *,
    cloud: Cloud,
    requests: Sequence[AccessRequest],
    decision: str,
    reason: str,
    by: User,
    ends_on: date | None = None,
) -> Outcome:
    """``decision`` is ``approve`` or ``decline``; of the first ``MOST_AT_ONCE``. ``ends_on`` is the
    last day of all the shares that come of it.

    Raises NotAllowed; SessionEnded and Unavailable when nothing was done at all.
    """
    rights.require_member(cloud)
    if decision == "decline":
        rights.require_member_now(cloud)
    act = partial(_decide, cloud, decision=decision, reason=reason, by=by, ends_on=ends_on)
    results: list[Result] = []
    for number, request in enumerate(requests[:MOST_AT_ONCE]):
        try:
            problem = act(request)
        except (errors.SessionEnded, errors.Refused, errors.TimedOut) as error:
            if not results:
                raise
            return Outcome(results, requests[number:], error)
        results.append(Result(request, problem))
    return Outcome(results, requests[MOST_AT_ONCE:])


def _decide(
    cloud: Cloud,
    request: AccessRequest,
    *,
    decision: str,
    reason: str,
    by: User,
    ends_on: date | None,
) -> str:
    """Why it was not carried out, as a sentence; empty if it was."""
    try:
        if decision == "approve":
            decisions.approve(cloud=cloud, request=request, by=by, ends_on=ends_on)
        else:
            decisions.decline(cloud=cloud, request=request, reason=reason, by=by)
    except refusals.Refusal as refusal:
        return str(refusal)
    except (errors.SessionEnded, errors.Refused, errors.TimedOut):
        raise
    except errors.CloudError:
        return _("The Image API did not carry it out. The request stays open; try it again.")
    return ""
