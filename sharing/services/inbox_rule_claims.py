"""Which shares a run of the inbox rules may answer, and that no other run has them meanwhile."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from sharing.cloud.resources import Image, SharedImage, User
from sharing.models import HistoryEntry, InboxRule, RuleDecision, Share
from sharing.services import history
from sharing.services.letters import Pair, pair_of
from sharing.session import Cloud

State = RuleDecision.State

CLAIM = timedelta(minutes=2)


def of_project(cloud: Cloud) -> QuerySet[RuleDecision]:
    return RuleDecision.objects.filter(project_id=cloud.project.id)


def pair(decision: RuleDecision) -> Pair:
    return decision.image_id, decision.producer_project_id


def shares(cloud: Cloud, waiting: Sequence[SharedImage]) -> dict[Pair, Share]:
    """What is known of these, also of those that were removed here and came back."""
    ids = [one.image.id for one in waiting]
    mine = Share.objects.filter(project_id=cloud.project.id, image_id__in=ids)
    return {(share.image_id, share.producer_project_id): share for share in mine}


def undecided(
    cloud: Cloud,
    waiting: Sequence[SharedImage],
    known: Mapping[Pair, Share],
    *,
    again: bool,
) -> list[tuple[SharedImage, RuleDecision | None]]:
    """Those that no rule has decided, with what is there of an earlier try."""
    now = timezone.now()
    ids = [one.image.id for one in waiting]
    earlier = {pair(one): one for one in of_project(cloud).filter(image_id__in=ids)}
    found: list[tuple[SharedImage, RuleDecision | None]] = []
    for one in waiting:
        decision = earlier.get(pair_of(one))
        is_open = (
            decision is None
            or decision.is_open(now)
            or (again and decision.state == State.FAILED)
            or decision.is_of_an_earlier(known.get(pair_of(one)))
        )
        if is_open:
            found.append((one, decision))
    return found


def claim(
    cloud: Cloud,
    wanted: Sequence[tuple[SharedImage, RuleDecision | None]],
    rules: Mapping[str, InboxRule],
    known: Mapping[Pair, Share],
    by: User,
    visit: UUID,
) -> list[RuleDecision]:
    """Those that no other session was quicker to take."""
    now, key = timezone.now(), uuid.uuid4()

    def ours(image: Image) -> dict[str, Any]:
        share = known.get((image.id, image.owner))
        return {
            "answer": rules[image.owner].answer,
            "state": State.CLAIMED,
            "run": visit,
            "claim": key,
            "free_at": now + CLAIM,
            "by_id": by.id,
            "by_name": by.name,
            # The API's clock, by which it was shared, may be ahead of ours.
            "at": max(now, share.shared_at) if share else now,
        }

    new = [
        RuleDecision(
            project_id=cloud.project.id,
            image_id=one.image.id,
            producer_project_id=one.image.owner,
            image_name=one.image.name[:255],
            **ours(one.image),
        )
        for one, earlier in wanted
        if earlier is None
    ]
    RuleDecision.objects.bulk_create(new, ignore_conflicts=True)
    for one, earlier in wanted:
        if earlier:
            same = of_project(cloud).filter(pk=earlier.pk, claim=earlier.claim, state=earlier.state)
            same.update(**ours(one.image))
    return list(of_project(cloud).filter(claim=key).order_by("pk"))


def answered_by_hand(
    cloud: Cloud, decisions: Sequence[RuleDecision], known: Mapping[Pair, Share]
) -> set[int]:
    """Where somebody answered here since it was shared: the API's times, which have whole seconds,
    do not show an answer that was given and put back at once."""
    entries = HistoryEntry.objects.filter(
        verb=history.Verb.STATUS_SET,
        project_id=cloud.project.id,
        image_id__in=[decision.image_id for decision in decisions],
    )
    last = {
        (image_id, owner): at
        for image_id, owner, at in entries.order_by("at").values_list(
            "image_id", "producer_project_id", "at"
        )
    }

    def is_theirs(one: Pair) -> bool:
        share = known.get(one)
        since = (share.removed_at or share.shared_at) if share else None
        return one in last and (since is None or last[one] >= since)

    return {decision.pk for decision in decisions if is_theirs(pair(decision))}
