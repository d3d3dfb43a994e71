"""Standing rules: requests that need nobody's look are approved in the session of a producer.

A rule has no token of its own. It is carried out while someone of the project is here, as that
user, and by the same verb as a decision of his.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from sharing.cloud.resources import User
from sharing.models import AccessRequest, Listing, Rule
from sharing.services import decisions, history, refusals, rights
from sharing.session import Cloud

MOST_AT_ONCE = 20


def waiting(*, project_id: str) -> Sequence[AccessRequest]:
    """The open requests that a rule would approve, oldest first, at most ``MOST_AT_ONCE``."""
    candidates = AccessRequest.objects.filter(
        listing__project_id=project_id,
        listing__rule__is_on=True,
        state=AccessRequest.State.OPEN,
        is_verified=True,
    ).select_related("listing__rule")
    ordered = candidates.order_by("created_at", "pk").iterator()
    found = [request for request in ordered if request.listing.rule.approves(request)]
    return found[:MOST_AT_ONCE]


def count_waiting(*, project_id: str) -> int | None:
    """How many requests the rules would approve now; None while no rule is on."""
    is_any_on = Rule.objects.filter(listing__project_id=project_id, is_on=True).exists()
    return len(waiting(project_id=project_id)) if is_any_on else None


def run(*, cloud: Cloud, by: User) -> Sequence[AccessRequest]:
    """Approve what the rules approve; those that were. What cannot be approved stays open for a
    person, who is told why. Raises Unavailable and SessionEnded."""
    approved = []
    for request in waiting(project_id=cloud.project.id) if cloud.can_edit else ():
        try:
            decisions.approve(cloud=cloud, request=request, by=by, by_rule=True)
        except refusals.Refusal:
            continue
        approved.append(request)
    return approved


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
        history.record(
            cloud=cloud,
            by=by,
            verb=history.Verb.RULE_SAVED,
            producer_project_id=listing.project_id,
            image_id=listing.image_id,
            image_name=listing.image_name or listing.title,
            detail="on" if is_on else "off",
        )
