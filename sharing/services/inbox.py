"""What other projects share with the signed-in one: the drawers, and how one share stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.core.paginator import Page, Paginator
from django.utils import timezone

from sharing.cloud import errors
from sharing.cloud.pool import both, gather_or_raise
from sharing.cloud.resources import STATUSES, Image, Member, MemberStatus, SharedImage
from sharing.models import Listing, Share
from sharing.services import drawers, letters, sightings, waiting
from sharing.services.drawers import Contents, Question
from sharing.services.image_shares import ImageShare
from sharing.services.letters import Letter
from sharing.session import Cloud

PAGE_SIZE = 25
FEW = 100  # shares in a drawer

Drawers = Mapping[MemberStatus, tuple[SharedImage, ...]]


@dataclass(frozen=True, slots=True)
class Drawer:
    """One page of what was found in one of the three lists, and how many are in each; None: that
    follows, and so do the times of ``letters`` that say so."""

    status: MemberStatus
    counts: Mapping[MemberStatus, int | None]
    page: Page[SharedImage]
    letters: Sequence[Letter]
    question: Question
    contents: Contents
    mark: str

    @property
    def follows(self) -> bool:
        return None in self.counts.values() or any(one.is_time_asked_for for one in self.letters)


@dataclass(frozen=True, slots=True)
class Rest:
    """What a page did not wait for: how many are in the other drawers; the times of the shares
    made elsewhere; which of those shown were answered already, and wait in a second row only."""

    counts: Mapping[MemberStatus, int]
    times: Mapping[str, datetime | None]
    answered: Sequence[str]


def list_drawers(*, cloud: Cloud) -> Drawers:
    """The three lists, fetched at once."""
    lists = gather_or_raise(cloud.images.list_shared_with_me, STATUSES)
    return _each_once(dict(zip(STATUSES, lists, strict=True)))


def find(
    *, cloud: Cloud, image_ids: Sequence[str], likely: MemberStatus | None = None
) -> dict[str, SharedImage]:
    """Those of ``image_ids`` that are shared with the project, by their IDs. Where they ``likely``
    lie is looked at first, and the other lists only for what is not there."""
    if likely is None:
        lists = gather_or_raise(
            lambda status: cloud.images.find_shared_with_me(status, image_ids), STATUSES
        )
        drawers = _each_once(dict(zip(STATUSES, lists, strict=True)))
        return {one.image.id: one for found in drawers.values() for one in found}
    there = {one.image.id: one for one in cloud.images.find_shared_with_me(likely, image_ids)}
    missing = [image_id for image_id in image_ids if image_id not in there]
    return there | (find(cloud=cloud, image_ids=missing) if missing else {})


def open_drawer(
    *,
    cloud: Cloud,
    status: MemberStatus,
    page: str,
    question: Question | None = None,
    waits: bool = True,
) -> Drawer:
    """``page`` is what stands in the address: nonsense is the first, too high the last.

    Unless it ``waits``, the drawer itself is all that is asked for: see ``rest``. The times of what
    is shown of a full drawer are never waited for: they take as long again as its list.
    """
    as_of = timezone.now()
    lists = list_drawers(cloud=cloud) if waits else _only(cloud, status)
    if "pending" in lists:
        sightings.note(cloud=cloud, waiting=lists["pending"])
    if waits:
        waiting.remember(cloud=cloud, count=len(lists["pending"]), as_of=as_of)
    question, known = question or Question(), letters.records(cloud)
    contents = drawers.contents(lists[status], known)
    found = contents.found(question)
    shown = Paginator(found, PAGE_SIZE).get_page(page)
    on_page = list(shown.object_list)
    times = None
    if waits and len(lists[status]) <= FEW:
        times = letters.times(cloud, _without_record(on_page, known))
    return Drawer(
        status=status,
        counts={name: len(lists[name]) if name in lists else None for name in STATUSES},
        page=shown,
        letters=letters.write(on_page, known, names=contents.names, times=times),
        question=question,
        contents=contents,
        mark=drawers.mark(found),
    )


def found_in(*, cloud: Cloud, status: MemberStatus, question: Question) -> list[SharedImage]:
    """All that ``open_drawer`` has pages of, in their order."""
    lists = list_drawers(cloud=cloud)
    return drawers.contents(lists[status], letters.records(cloud)).found(question)


def rest(*, cloud: Cloud, status: MemberStatus, image_ids: Sequence[str]) -> Rest:
    """What a page of the drawer that shows ``image_ids`` did not wait for."""
    others = [name for name in STATUSES if name != status]
    lists = gather_or_raise(cloud.images.list_shared_with_me, others)
    shown = set(image_ids)
    twice = {one.image.id for found in lists for one in found} & shown
    there = cloud.images.find_shared_with_me(status, image_ids)
    return Rest(
        counts={name: len(found) for name, found in zip(others, lists, strict=True)},
        times=letters.times(cloud, _without_record(there, letters.records(cloud))),
        answered=sorted(twice) if status == "pending" else (),
    )


def _only(cloud: Cloud, status: MemberStatus) -> Drawers:
    return {status: cloud.images.list_shared_with_me(status)}


def _each_once(lists: Drawers) -> Drawers:
    """What was answered waits no more, even where a second row of the same member (trap 2), which
    nobody can change, is still pending."""
    answered = {one.image.id for one in (*lists["accepted"], *lists["rejected"])}
    waiting = tuple(one for one in lists["pending"] if one.image.id not in answered)
    return {**lists, "pending": waiting}


def _without_record(
    images: Sequence[SharedImage], known: Mapping[letters.Pair, Share]
) -> list[str]:
    return [one.image.id for one in images if letters.pair_of(one) not in known]


class State(StrEnum):
    """How a share stands. The first three are the member's status."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    OWN = "own"  # the signed-in project is the image's producer
    EVERYONE = "everyone"  # public or community: nobody needs to be a member
    WITHDRAWN = "withdrawn"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand between an image and the signed-in project."""

    state: State
    image: Image | None = None
    member: Member | None = None
    share: Share | None = None
    listing: Listing | None = None

    @property
    def can_be_answered(self) -> bool:
        return self.member is not None

    @property
    def image_name(self) -> str:
        return self.image.name if self.image else self.share.image_name if self.share else ""

    @property
    def producer_project_id(self) -> str:
        return (
            self.image.owner if self.image else self.share.producer_project_id if self.share else ""
        )

    @property
    def shared_at(self) -> datetime | None:
        if self.member:
            return ImageShare(self.member, self.share, None, None).shared_at
        is_past = self.state == State.EVERYONE and not self.is_recorded
        return self.share.shared_at if self.share and not is_past else None

    @property
    def is_recorded(self) -> bool:
        """Whether our record is of this share, and not of one that was removed before it."""
        return self.share is not None and self.share.removed_at is None

    @property
    def note(self) -> str:
        return self.share.note if self.share and self.is_recorded else ""

    @property
    def ends_on(self) -> date | None:
        """The day on which the producer means to end it."""
        return self.share.ends_on if self.share and self.is_recorded and self.member else None

    @property
    def has_ended(self) -> bool:
        """Whether that day has come, in the viewer's calendar, and it is still shared."""
        return self.ends_on is not None and self.ends_on <= timezone.localdate()

    @property
    def answered_at(self) -> datetime | None:
        """When the project last chose, "decide later" included."""
        if self.member is None:
            return None
        return ImageShare(self.member, self.share, None, None).answered_at


def standing(*, cloud: Cloud, image_id: str) -> Standing | None:
    """None when the project never had to do with the image, as far as it may know.

    What is no longer there is told from our own record of this project's share, and from nothing
    else: the Image API does not tell "deleted" from "not for you".
    """
    shares = Share.objects.filter(image_id=image_id, project_id=cloud.project.id)
    listings = Listing.objects.filter(image_id=image_id)
    image, member = both(
        lambda: cloud.images.get_image(image_id),
        lambda: cloud.images.get_member(image_id, cloud.project.id),
    )
    if isinstance(image, errors.NotFound):
        return _past(shares.order_by("-shared_at").first(), listings.first())
    if isinstance(image, errors.CloudError):
        raise image
    share = shares.filter(producer_project_id=image.owner).select_related("request").first()
    listing = listings.filter(project_id=image.owner).first()
    if image.is_owned_by(cloud.project.id):
        return Standing(State.OWN, image, listing=listing)
    if image.visibility in {"public", "community"}:
        return Standing(State.EVERYONE, image, share=share, listing=listing)
    if isinstance(member, errors.NotFound | errors.Forbidden):
        return _past(share, listing)  # an admin sees what is not shared with him
    if isinstance(member, errors.CloudError):
        raise member
    return Standing(State(member.status), image, member, share, listing)


def _past(share: Share | None, listing: Listing | None) -> Standing | None:
    if share is None:
        return None
    state = State.WITHDRAWN if share.removed_at else State.GONE
    return Standing(state, share=share, listing=listing)
