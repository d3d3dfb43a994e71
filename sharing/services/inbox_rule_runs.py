"""Inbox rules are carried out in the session of someone of the project, as that user.

Each share is put to its rule once (``RuleDecision``). It is claimed first, so that of two sessions
at once only one calls the Image API for it; then it is looked at once more, since a person may have
answered, or have put it back to pending on purpose (trap 12); then it is answered, eight at a time.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from sharing.cloud import errors
from sharing.cloud.pool import gather
from sharing.cloud.resources import Member, MemberStatus, User
from sharing.models import InboxRule, RuleDecision, Share
from sharing.services import answer_records, answers, inbox_rules, rights
from sharing.services import inbox_rule_claims as claims
from sharing.services.answer_records import Given
from sharing.services.answers import Answered, Outcome
from sharing.services.image_shares import ImageShare
from sharing.services.letters import Pair
from sharing.session import Cloud

State = RuleDecision.State
_STATUS: Mapping[str, MemberStatus] = {"accepted": "accepted", "rejected": "rejected"}

MOST_AT_ONCE = 48
TRY_AGAIN_AFTER = timedelta(minutes=5)


Result = Member | None | errors.CloudError  # None: it is a person's


@dataclass(frozen=True, slots=True)
class Run:
    """What the rules did in one visit so far. ``failed``: what the cloud did not let them now;
    ``is_more``: there is work left; ``has_ended``: the token ended in the middle."""

    id: UUID
    shown: int = 0
    hidden: int = 0
    failed: int = 0
    is_more: bool = False
    has_ended: bool = False
    has_changed: bool = False

    @property
    def done(self) -> int:
        return self.shown + self.hidden


def run(*, cloud: Cloud, by: User, visit: UUID | None = None, again: bool = False) -> Run:
    """Answer what the rules answer, at most ``MOST_AT_ONCE``. ``visit``: the run to go on with, if
    it is this user's; ``again``: also what the cloud did not let the rules a moment ago.

    Raises NotAllowed, Unavailable, and SessionEnded when nothing was done.
    """
    rights.require_member(cloud)
    rules = inbox_rules.of_project(cloud.project.id)
    this = _visit(cloud, by, visit)
    if not rules:
        return Run(this)
    started = timezone.now()
    waiting = [
        one for one in cloud.images.list_shared_with_me("pending") if one.image.owner in rules
    ]
    shares = claims.shares(cloud, waiting)
    wanted = claims.undecided(cloud, waiting, shares, again=again)
    mine = claims.claim(cloud, wanted[:MOST_AT_ONCE], rules, shares, by, this)
    results = _carry_out(cloud, mine, shares)
    images = {one.image.id: one.image for one in waiting}
    given = [
        Given(images[decision.image_id], member)
        for decision, member in zip(mine, results, strict=True)
        if isinstance(member, Member)
    ]
    with transaction.atomic():
        _settle(mine, results)
        answer_records.write_down(cloud=cloud, given=given, by=by, since=started, is_by_rule=True)
    return _so_far(cloud, this, results, is_all=len(wanted) <= MOST_AT_ONCE)


def undo(*, cloud: Cloud, visit: UUID, by: User) -> list[Outcome]:
    """Put back to pending what the rules answered in a visit; what somebody answered since is left
    as it is. No rule looks at any of it again.

    Raises NotAllowed, SessionEnded, and Unavailable when nothing could be done.
    """
    rights.require_member(cloud)
    done = list(claims.of_project(cloud).filter(run=visit, state=State.DONE))
    answered = [
        Answered(
            image_id=one.image_id,
            image_name=one.image_name,
            before="pending",
            status=_STATUS[one.answer],
            at=one.member_updated_at or one.at,
        )
        for one in done
    ]
    outcomes = answers.take_back(cloud=cloud, answered=answered, by=by) if answered else []
    undone = {one.image_id for one in outcomes if not one.why_not}
    theirs = {one.image_id for one in outcomes if one.meanwhile}
    with transaction.atomic():
        decided = claims.of_project(cloud).filter(run=visit, state=State.DONE)
        decided.filter(image_id__in=undone).update(state=State.UNDONE)
        decided.filter(image_id__in=theirs).update(state=State.LEFT)
    return outcomes


def _visit(cloud: Cloud, by: User, visit: UUID | None) -> UUID:
    """``visit`` if it is this user's and of today; else a new one."""
    is_mine = visit and claims.of_project(cloud).filter(
        run=visit, by_id=by.id, at__gte=timezone.now() - timedelta(hours=1)
    )
    return visit if visit and is_mine and is_mine.exists() else uuid.uuid4()


def _carry_out(
    cloud: Cloud, decisions: Sequence[RuleDecision], shares: Mapping[Pair, Share]
) -> list[Result]:
    theirs = claims.answered_by_hand(cloud, decisions, shares)

    def answered(decision: RuleDecision) -> Member | None:
        if decision.pk in theirs:
            return None
        member = cloud.images.get_member(decision.image_id, cloud.project.id)
        share = ImageShare(member, shares.get(claims.pair(decision)), None, None)
        if not member.is_pending or share.is_put_back:
            return None
        status = _STATUS[decision.answer]
        return cloud.images.set_member_status(decision.image_id, cloud.project.id, status)

    return gather(answered, decisions)


def _settle(decisions: Sequence[RuleDecision], results: Sequence[Result]) -> None:
    """A share that is gone leaves nothing behind: should it come back, it is a new one."""
    now = timezone.now()
    gone = [
        decision.pk
        for decision, result in zip(decisions, results, strict=True)
        if isinstance(result, errors.NotFound)
    ]
    for decision, result in zip(decisions, results, strict=True):
        match result:
            case Member():
                decision.state, decision.free_at = State.DONE, None
                decision.member_updated_at = result.updated_at
            case None:
                decision.state, decision.free_at = State.LEFT, None
            case errors.SessionEnded():
                decision.state, decision.free_at = State.FAILED, now
            case _:
                decision.state, decision.free_at = State.FAILED, now + TRY_AGAIN_AFTER
    columns = ["state", "free_at", "member_updated_at"]
    RuleDecision.objects.bulk_update(decisions, columns)
    RuleDecision.objects.filter(pk__in=gone).delete()


def _so_far(cloud: Cloud, visit: UUID, results: Sequence[Result], *, is_all: bool) -> Run:
    """Raises SessionEnded, and Unavailable, when there is nothing else to say."""
    faults = [
        one
        for one in results
        if isinstance(one, errors.CloudError) and not isinstance(one, errors.NotFound)
    ]
    ended = [one for one in faults if isinstance(one, errors.SessionEnded)]
    done = (
        claims.of_project(cloud)
        .filter(run=visit, state=State.DONE)
        .values_list("answer", flat=True)
    )
    if ended and not done:
        raise ended[0]
    is_away = any(isinstance(one, errors.Refused | errors.TimedOut) for one in faults)
    return Run(
        id=visit,
        shown=sum(answer == InboxRule.Answer.ACCEPTED for answer in done),
        hidden=sum(answer == InboxRule.Answer.REJECTED for answer in done),
        failed=len(faults),
        is_more=not (is_all or is_away or ended),
        has_ended=bool(ended),
        has_changed=any(isinstance(one, Member) for one in results),
    )
