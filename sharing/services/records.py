"""What the producer's pages read from our own tables: what waits, requests, mail, history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sharing import mail
from sharing.cloud.resources import User
from sharing.models import AccessRequest, HistoryEntry, Listing, OutgoingMail, Share
from sharing.services import history, refusals, rights, throttle
from sharing.session import Cloud

REQUESTS_ON_A_PAGE = 20
ROWS_ON_A_PAGE = 50
RETRIES_PER_HOUR = 5  # of one mail

Requests = AccessRequest.State
Mails = OutgoingMail.State

# The tabs of the queue, in their order; "all" is added.
QUEUE_STATES = (
    Requests.OPEN,
    Requests.ASKED,
    Requests.APPROVED,
    Requests.DECLINED,
    Requests.WITHDRAWN,
    Requests.EXPIRED,
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What needs a producer."""

    requests: int
    oldest: Sequence[AccessRequest]
    failed_mails: int
    unavailable: Sequence[Listing]
    stale: Sequence[Listing]

    @property
    def is_empty(self) -> bool:
        return not (self.requests or self.failed_mails or self.unavailable or self.stale)


def waiting(*, project_id: str) -> Waiting:
    requests = _requests(project_id).filter(state=Requests.OPEN)
    unavailable = Listing.objects.filter(
        project_id=project_id, unavailable_since__isnull=False
    ).exclude(state=Listing.State.WITHDRAWN)
    stale = Listing.objects.filter(project_id=project_id, shown=1, stale_since__isnull=False)
    return Waiting(
        requests=requests.count(),
        oldest=list(requests.order_by("created_at", "pk")[:5]),
        failed_mails=count_failed_mails(project_id=project_id),
        unavailable=list(unavailable.order_by("-unavailable_since")[:20]),
        stale=list(stale.order_by("facts_at", "pk")[:20]),
    )


@dataclass(frozen=True, slots=True)
class Queue:
    """One tab of the request queue. ``counts`` has every state and ``all``."""

    state: str
    counts: Mapping[str, int]
    page: Page[AccessRequest]


def queue(*, project_id: str, state: str, page: str) -> Queue:
    """``state`` and ``page`` are what stands in the address; nonsense is the open ones, page 1.

    Those that wait come oldest first, the others newest first.
    """
    if state not in {*QUEUE_STATES, "all"}:
        state = Requests.OPEN
    mine = _requests(project_id)
    counted = mine.values_list("state").annotate(n=Count("pk")).order_by()
    counts = {str(name): 0 for name in QUEUE_STATES} | dict(counted)
    counts["all"] = sum(counts.values())
    waits = state in {Requests.OPEN, Requests.ASKED}
    shown = mine if state == "all" else mine.filter(state=state)
    ordered = shown.order_by("created_at", "pk") if waits else shown.order_by("-created_at", "-pk")
    return Queue(state, counts, Paginator(_full(ordered), REQUESTS_ON_A_PAGE).get_page(page))


def requests_now(*, project_id: str, ids: Iterable[int]) -> list[AccessRequest]:
    """These of the project's requests, as they stand now, with all that their cards show."""
    return list(_full(_requests(project_id).filter(pk__in=ids)))


def mail_page(*, project_id: str, state: str, page: str) -> Page[OutgoingMail]:
    """The producer's mails, newest first; only those of ``state`` if it is one."""
    mails = _mails(project_id).select_related("request").defer("html")
    if state in Mails.values:
        mails = mails.filter(state=state)
    return Paginator(mails.order_by("-created_at", "-pk"), ROWS_ON_A_PAGE).get_page(page)


def count_failed_mails(*, project_id: str) -> int:
    """Those that can be sent again."""
    return _mails(project_id).filter(state=Mails.FAILED).exclude(text="").count()


def count_held_mails(*, project_id: str) -> int:
    """Those that wait because of a limit."""
    waiting = _mails(project_id).filter(state=Mails.QUEUED, due_at__gt=timezone.now())
    return waiting.exclude(held_by="").count()


def shown_text(mail: OutgoingMail) -> str:
    """A mail's text without what makes its links the receiver's own: whoever holds them may act
    as the requester, or stop the mails."""
    secrets = [urlsplit(mail.unsubscribe_url).path.strip("/").rpartition("/")[2]]
    if mail.request:
        secrets.append(mail.request.token)
    text = mail.text
    for secret in filter(None, secrets):
        text = text.replace(secret, "…")
    return text


def retry(*, cloud: Cloud, outgoing: OutgoingMail, by: User) -> bool:
    """Send a mail that failed once more. False: it is not (any more) one that failed.

    Raises NotAllowed and TooMany.
    """
    rights.require_member(cloud)
    key, window = str(outgoing.pk), timedelta(hours=1)
    wait = throttle.hit(kind="mail-retry", key=key, limit=RETRIES_PER_HOUR, window=window)
    if wait:
        raise refusals.TooMany(_("This mail was sent again too often."), wait_seconds=wait)
    with transaction.atomic():
        locked = OutgoingMail.objects.select_for_update().get(pk=outgoing.pk)
        if not locked.can_be_retried:
            return False
        mail.send_again(locked)
        history.record(
            cloud=cloud,
            by=by,
            verb=history.Verb.MAIL_RETRIED,
            producer_project_id=locked.producer_project_id,
            image_id=locked.image_id,
            image_name=_image_name(locked),
            project_id=locked.project_id,
            detail=f"{locked.subject} → {locked.to}",
        )
    return True


def history_page(*, project_id: str, page: str) -> Page[HistoryEntry]:
    entries = HistoryEntry.objects.filter(producer_project_id=project_id).order_by("-at", "-pk")
    return Paginator(entries, ROWS_ON_A_PAGE).get_page(page)


def _requests(project_id: str) -> QuerySet[AccessRequest]:
    """Those that have reached the producer: an unconfirmed address is nobody's."""
    mine = AccessRequest.objects.filter(listing__project_id=project_id, confirmed_at__isnull=False)
    return mine.select_related("listing")


def _full(requests: QuerySet[AccessRequest]) -> QuerySet[AccessRequest]:
    return requests.select_related("listing__rule").prefetch_related("events", "notes")


def _mails(project_id: str) -> QuerySet[OutgoingMail]:
    """Not those that prove an address: their link is for its holder only."""
    mine = OutgoingMail.objects.filter(producer_project_id=project_id)
    return mine.exclude(kind=OutgoingMail.Kind.CONFIRM_REQUEST)


def _image_name(outgoing: OutgoingMail) -> str:
    for model in (Listing, Share):
        found = model.objects.filter(image_id=outgoing.image_id).values_list(
            "image_name", flat=True
        )
        if name := found.first():
            return str(name)
    return ""
