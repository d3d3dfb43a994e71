"""How much waits for an answer in each of the signed-in user's projects, in the region at hand.

Other projects need a token each. So they are only looked at in the background of a page, and the
counts, nothing else, are remembered for a minute, under the user's own key.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.core.cache import cache
from django.db.models import Max
from django.utils import timezone
from django.utils.crypto import salted_hmac

from sharing import other_projects, session
from sharing.cloud import errors
from sharing.cloud.pool import gather
from sharing.cloud.resources import Project, Token
from sharing.models import HistoryEntry
from sharing.services import sign_in
from sharing.session import Cloud

FRESH = timedelta(seconds=60)
AT_ONCE = 4
PATIENCE = 8.0  # seconds; no project is begun with after that
_LONGEST_LOOK = 60  # seconds; a look that was killed keeps others from looking no longer

Entries = Mapping[str, tuple[int | None, datetime]]  # project ID → its count, and when it was so


@dataclass(frozen=True, slots=True)
class Waiting:
    """One project. ``count`` is None when nobody knows: not asked yet, or not available."""

    project: Project
    count: int | None
    is_known: bool

    @property
    def is_unavailable(self) -> bool:
        return self.is_known and self.count is None


@dataclass(frozen=True, slots=True)
class Overview:
    """``elsewhere`` are the user's other projects, by name. ``is_under_way``: another request of
    the same user is looking right now."""

    here: Waiting
    elsewhere: Sequence[Waiting]
    is_under_way: bool = False

    @property
    def every(self) -> Sequence[Waiting]:
        return (self.here, *self.elsewhere)

    @property
    def is_complete(self) -> bool:
        return all(one.is_known for one in self.every)

    @property
    def waiting_elsewhere(self) -> Sequence[Waiting]:
        return [one for one in self.elsewhere if one.count]

    @property
    def unavailable_elsewhere(self) -> Sequence[Waiting]:
        return [one for one in self.elsewhere if one.is_unavailable]

    @property
    def count_elsewhere(self) -> int:
        return sum(one.count or 0 for one in self.elsewhere)


def remembered(*, cloud: Cloud, is_under_way: bool = False) -> Overview:
    """What is known without asking the cloud. What was answered since, here or by a colleague, is
    to be asked for again: of that our history knows, in whatever process it was done."""
    fresh = _fresh(cloud)
    if fresh:
        oldest = min(at for _count, at in fresh.values())
        answers = HistoryEntry.objects.filter(project_id__in=list(fresh), at__gte=oldest)
        latest = answers.order_by().values("project_id").annotate(latest=Max("at"))
        changed = dict(latest.values_list("project_id", "latest"))
        fresh = {
            project_id: (count, at)
            for project_id, (count, at) in fresh.items()
            if project_id not in changed or changed[project_id] < at
        }
    return _overview(cloud, {one: count for one, (count, _at) in fresh.items()}, is_under_way)


def remember(*, cloud: Cloud, count: int, as_of: datetime) -> None:
    """The inbox was opened: what it counted is what waits."""
    _remember(cloud, {cloud.project.id: (count, as_of)})


def look_by_itself(*, cloud: Cloud, current: SessionBase) -> Overview:
    """As ``look``, but one at a time for each user: pages that are opened one after the other do
    not ask the cloud again for what it is still thinking about."""
    lock = f"{_key(cloud)}:look"
    if not cache.add(lock, True, _LONGEST_LOOK):
        return remembered(cloud=cloud, is_under_way=True)
    try:
        return look(cloud=cloud, current=current)
    finally:
        cache.delete(lock)


def look(*, cloud: Cloud, current: SessionBase) -> Overview:
    """Ask for what is not remembered, four projects at a time. None hides another, and the session
    itself is not written: the user may be switching or signing out meanwhile."""
    started = timezone.now()
    known = {one.project.id: one.count for one in remembered(cloud=cloud).every if one.is_known}
    wanted = [one for one in _projects(cloud) if one.id not in known]
    if not wanted:
        return _overview(cloud, known)
    search = _Search(
        cloud=cloud,
        unscoped=session.load_unscoped(current),
        kept=other_projects.load(current, user=cloud.user) if cloud.can_switch_project else {},
        until=time.monotonic() + PATIENCE,
    )
    answers = [one for one in gather(search.ask, wanted, limit=AT_ONCE) if isinstance(one, _Answer)]
    _settle(current, answers, cloud.request_id)
    asked = {one.project.id: (one.count, started) for one in answers if one.was_asked}
    _remember(cloud, asked)
    return _overview(cloud, known | {one.project.id: one.count for one in answers})


@dataclass(frozen=True, slots=True)
class _Answer:
    """``made`` is a token to keep, ``is_refused`` says that the kept one is worth nothing."""

    project: Project
    count: int | None = None
    was_asked: bool = True
    made: Token | None = None
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class _Search:
    """Asks one project after the other, on several threads. An error is an answer too: with
    Keystone slow for one, the next is still asked."""

    cloud: Cloud
    unscoped: Token | None
    kept: Mapping[str, Token]
    until: float

    def ask(self, project: Project) -> _Answer:
        if time.monotonic() > self.until:
            return _Answer(project, was_asked=False)
        if project.id == self.cloud.project.id:
            return _Answer(project, self._count(self.cloud.token))
        kept = self.kept.get(project.id)
        if kept is None:
            return self._ask_anew(project)
        try:
            return _Answer(project, self._counted(kept))
        except errors.SessionEnded:
            return self._ask_anew(project, is_refused=True)
        except errors.CloudError:
            return _Answer(project)

    def _ask_anew(self, project: Project, *, is_refused: bool = False) -> _Answer:
        identity, request_id = session.connection().identity, self.cloud.request_id
        if self.unscoped is None:
            return _Answer(project, is_refused=is_refused)
        try:
            token = identity.scope(self.unscoped, project.id, request_id=request_id)
        except errors.CloudError:
            return _Answer(project, is_refused=is_refused)
        return _Answer(project, self._count(token), made=token, is_refused=is_refused)

    def _count(self, token: Token) -> int | None:
        try:
            return self._counted(token)
        except errors.CloudError:
            return None

    def _counted(self, token: Token) -> int | None:
        """None also where the project has no Image API in this region."""
        region = self.cloud.region
        if region not in token.image_urls:
            return None
        client = session.images_client(token, region=region, request_id=self.cloud.request_id)
        return client.count_waiting()


def _settle(current: SessionBase, answers: Sequence[_Answer], request_id: str) -> None:
    refused = [one.project.id for one in answers if one.is_refused]
    made = [one.made for one in answers if one.made]
    if refused:
        other_projects.drop(current, refused)
    if made and not other_projects.keep(current, made):
        sign_in.revoke([token.id for token in made], request_id=request_id)


def _projects(cloud: Cloud) -> Sequence[Project]:
    """The current one first. An application credential has no other."""
    others = [one for one in cloud.projects if one.id != cloud.project.id]
    return (cloud.project, *(others if cloud.can_switch_project else ()))


def _overview(
    cloud: Cloud, counts: Mapping[str, int | None], is_under_way: bool = False
) -> Overview:
    here, *elsewhere = (
        Waiting(one, counts.get(one.id), one.id in counts) for one in _projects(cloud)
    )
    return Overview(here, elsewhere, is_under_way)


def _key(cloud: Cloud) -> str:
    """Nobody can come by another's: the user's ID is Keystone's, and the key is keyed itself."""
    digest = salted_hmac("waiting", f"{cloud.user.id}|{cloud.region}", algorithm="sha256")
    return f"waiting:{digest.hexdigest()}"


def _fresh(cloud: Cloud) -> Entries:
    since = timezone.now() - FRESH
    entries: Entries = cache.get(_key(cloud)) or {}
    return {one: (count, at) for one, (count, at) in entries.items() if at > since}


def _remember(cloud: Cloud, found: Entries) -> None:
    """Of two looks, the later counts."""
    entries = dict(_fresh(cloud))
    for project_id, (count, at) in found.items():
        if project_id not in entries or entries[project_id][1] <= at:
            entries[project_id] = (count, at)
    cache.set(_key(cloud), entries, FRESH.total_seconds())
