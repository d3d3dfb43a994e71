"""What a consumer wants to know before answering: who shares it, what came before, what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sharing.models import HistoryEntry, Listing, Producer, Share, Succession
from sharing.services import history, inbox, producers, reasons, versions
from sharing.services.inbox import Standing, State
from sharing.session import Cloud

ANSWERS = ("accepted", "rejected")


@dataclass(frozen=True, slots=True)
class Successor:
    """The newest version of an image that was replaced. ``listing`` is where anyone reads of it;
    ``is_shared`` says that the project has it already, or that everyone has."""

    step: Succession
    listing: Listing | None
    is_shared: bool

    @property
    def name(self) -> str:
        return self.step.new_name or self.step.new_image_id

    @property
    def can_be_looked_at(self) -> bool:
        return self.is_shared or self.listing is not None


@dataclass(frozen=True, slots=True)
class Background:
    """``before``: what the project answered earlier, newest first: about this image, if that is
    not how it stands now, and about each of its earlier versions. ``accepted_terms`` are those
    that it accepted when it asked for the image, ``reason`` is why it hides it."""

    producer: Producer | None
    listing: Listing | None
    accepted_terms: str
    reason: str
    versions: versions.Versions
    successor: Successor | None
    before: Sequence[HistoryEntry]

    @property
    def terms(self) -> str:
        return self.accepted_terms or (self.listing.terms if self.listing else "")

    @property
    def about(self) -> str:
        """A sentence or two of the producer's profile."""
        return producers.about(self.producer) if self.producer else ""


def read(*, cloud: Cloud, standing: Standing, image_id: str) -> Background:
    owner = standing.producer_project_id
    chain = versions.of_image(image_id=image_id, project_id=owner)
    listing = standing.listing
    return Background(
        producer=producers.of_project(owner),
        listing=listing if listing and listing.is_published else None,
        accepted_terms=_accepted_terms(standing.share if standing.is_recorded else None),
        reason=_reason(cloud, standing, image_id),
        versions=chain,
        successor=_successor(cloud, chain, owner) if standing.image else None,
        before=_before(cloud, standing, image_id, chain),
    )


def _accepted_terms(share: Share | None) -> str:
    return share.request.accepted_terms if share and share.request else ""


def _reason(cloud: Cloud, standing: Standing, image_id: str) -> str:
    if standing.state != State.REJECTED:
        return ""
    return reasons.of_share(
        image_id=image_id,
        project_id=cloud.project.id,
        producer_project_id=standing.producer_project_id,
    )


def _successor(cloud: Cloud, chain: versions.Versions, owner: str) -> Successor | None:
    if chain.successor is None:
        return None
    newest = inbox.standing(cloud=cloud, image_id=chain.successor.new_image_id)
    if newest is None or newest.producer_project_id != owner:
        return Successor(chain.successor, chain.newer, is_shared=False)
    is_shared = newest.can_be_answered or newest.state == State.EVERYONE
    return Successor(chain.successor, chain.newer, is_shared)


def _before(
    cloud: Cloud, standing: Standing, image_id: str, chain: versions.Versions
) -> list[HistoryEntry]:
    """From the history: an ID alone is no proof, so only what was said to this producer. A reason
    that came after its answer stands with it."""
    older = [step.old_image_id for step in chain.steps]
    said = HistoryEntry.objects.filter(
        verb__in=(history.Verb.STATUS_SET, history.Verb.REASON_GIVEN),
        producer_project_id=standing.producer_project_id,
        project_id=cloud.project.id,
        image_id__in=[image_id, *older],
    )
    newest: dict[str, HistoryEntry] = {}
    reasons_after: dict[str, str] = {}
    for entry in said.order_by("-at", "-pk"):
        if entry.verb == history.Verb.REASON_GIVEN:
            reasons_after.setdefault(entry.image_id, entry.reason)
            continue
        entry.reason = reasons_after.pop(entry.image_id, "") or entry.reason
        is_now = entry.image_id == image_id and entry.detail == standing.state
        if entry.detail in ANSWERS and not is_now:
            newest.setdefault(entry.image_id, entry)
    return sorted(newest.values(), key=lambda entry: entry.at, reverse=True)
