"""Producers that a consumer project trusts, and producers it wants to see nothing of.

A rule is the project's own: anyone of it sees it, its members set it. No producer does, nor learns
of it but by the answers. How a rule is carried out: ``inbox_rule_runs``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Q

from sharing.cloud.resources import User
from sharing.models import InboxRule, Listing, Producer, RuleDecision, Share
from sharing.services import history, refusals, rights
from sharing.session import Cloud

Answer = InboxRule.Answer
State = RuleDecision.State

MOST_RUNS = 20
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Named:
    """A producer as far as the portal knows it: nobody may look up another project's name."""

    project_id: str
    name: str
    profile: Producer | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule with whom it is about, and how many shares it has answered."""

    rule: InboxRule
    producer: Named
    answered: int


@dataclass(frozen=True, slots=True)
class PastRun:
    """What the rules did in one visit, and how much of it can still be undone."""

    run: UUID
    at: datetime
    by_name: str
    shown: int
    hidden: int
    undone: int
    images: Sequence[RuleDecision]

    @property
    def can_be_undone(self) -> bool:
        return self.shown + self.hidden > 0


def of_project(project_id: str) -> dict[str, InboxRule]:
    """By the producer's project."""
    rules = InboxRule.objects.filter(project_id=project_id)
    return {rule.producer_project_id: rule for rule in rules}


def kept(*, project_id: str) -> list[Kept]:
    """All rules of the project, the newest first."""
    rules = list(InboxRule.objects.filter(project_id=project_id).order_by("-updated_at", "-pk"))
    names = named(rule.producer_project_id for rule in rules)
    decided = RuleDecision.objects.filter(project_id=project_id, state=State.DONE)
    counted = decided.values_list("producer_project_id").annotate(n=Count("pk"))
    answered: Mapping[str, int] = dict(counted)
    return [
        Kept(rule, names[rule.producer_project_id], answered.get(rule.producer_project_id, 0))
        for rule in rules
    ]


def past_runs(*, project_id: str) -> list[PastRun]:
    """The last runs that changed something, newest first."""
    decided = RuleDecision.objects.filter(
        project_id=project_id, state__in=(State.DONE, State.UNDONE)
    )
    done = Q(state=State.DONE)
    runs = decided.values("run").annotate(
        latest=Max("at"),
        by=Max("by_name"),
        shown=Count("pk", filter=done & Q(answer=Answer.ACCEPTED)),
        hidden=Count("pk", filter=done & Q(answer=Answer.REJECTED)),
        undone=Count("pk", filter=~done),
    )
    newest = list(runs.order_by("-latest")[:MOST_RUNS])
    images: dict[UUID, list[RuleDecision]] = {}
    for one in decided.filter(run__in=[run["run"] for run in newest]).order_by("image_name", "pk"):
        images.setdefault(one.run, []).append(one)
    return [
        PastRun(
            run=run["run"],
            at=run["latest"],
            by_name=run["by"],
            shown=run["shown"],
            hidden=run["hidden"],
            undone=run["undone"],
            images=images[run["run"]],
        )
        for run in newest
    ]


def named(project_ids: Iterable[str]) -> dict[str, Named]:
    """By what they call themselves here: in their profile, else with a listing or a share."""
    wanted = set(project_ids)
    names: dict[str, str] = {}
    shares = Share.objects.filter(producer_project_id__in=wanted).order_by("shared_at")
    names.update(shares.values_list("producer_project_id", "producer_name"))
    listings = Listing.objects.filter(project_id__in=wanted, shown=1).order_by("published_at")
    names.update(listings.values_list("project_id", "producer_name"))
    profiles = {one.project_id: one for one in Producer.objects.filter(project_id__in=wanted)}
    names.update({project_id: profile.name for project_id, profile in profiles.items()})
    return {one: Named(one, names.get(one, ""), profiles.get(one)) for one in wanted}


def keep(*, cloud: Cloud, producer_project_id: str, answer: str, by: User) -> None:
    """From now on all that this producer shares with the project is answered so.

    Raises OwnProject, NotAllowed, SessionEnded and Unavailable.
    """
    if producer_project_id == cloud.project.id:
        raise refusals.OwnProject
    rights.require_member_now(cloud)
    with transaction.atomic():
        InboxRule.objects.update_or_create(
            project_id=cloud.project.id,
            producer_project_id=producer_project_id,
            defaults={"answer": answer, "by_id": by.id, "by_name": by.name},
        )
        _record(cloud, producer_project_id, answer, by)


def drop(*, cloud: Cloud, producer_project_id: str, by: User) -> bool:
    """What this producer shares waits for a person again; what was answered stays. False: there
    was no such rule.

    Raises NotAllowed, SessionEnded and Unavailable.
    """
    rights.require_member_now(cloud)
    mine = InboxRule.objects.filter(
        project_id=cloud.project.id, producer_project_id=producer_project_id
    )
    with transaction.atomic():
        is_gone = bool(mine.delete()[0])
        if is_gone:
            _record(cloud, producer_project_id, "removed", by)
    return is_gone


def _record(cloud: Cloud, producer_project_id: str, detail: str, by: User) -> None:
    """In the consumer's own history: a rule is no business of the producer's."""
    history.record(
        cloud=cloud,
        by=by,
        verb=history.Verb.INBOX_RULE_SAVED,
        producer_project_id=cloud.project.id,
        image_id="",
        image_name="",
        project_id=producer_project_id,
        detail=detail,
    )
