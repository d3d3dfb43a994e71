"""The requester's verbs: ask, confirm, answer, withdraw, ask again. No token is needed for any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sharing import mail, session
from sharing.cloud.resources import User
from sharing.models import AccessRequest, Listing, RequestEvent, Rule
from sharing.services import refusals, throttle
from sharing.session import Cloud

State = AccessRequest.State
Kind = RequestEvent.Kind

REQUESTS_PER_HOUR = 5
CONFIRMATIONS_PER_HOUR = 10  # to one e-mail address, from wherever
OPEN_PER_PROJECT = 3
CONFIRM_WITHIN = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks: ``user`` is None for a visitor, whose project ID is only a claim."""

    address: str
    user: User | None = None


def requester(*, cloud: Cloud | None, address: str) -> Requester:
    """Who asks. Of someone signed in Keystone is asked whether the token still holds: the producer
    will read "verified". Raises SessionEnded and Unavailable."""
    if cloud is None:
        return Requester(address)
    session.connection().identity.check(cloud.token.id, request_id=cloud.request_id)
    return Requester(address, cloud.user)


def earlier(*, listing: Listing, token: str) -> AccessRequest | None:
    """The request with this token, to ask again with what it said; None if it is none of these."""
    if not token or "\0" in token:
        return None
    return AccessRequest.objects.filter(listing=listing, token=token).first()


def ask(
    *,
    listing: Listing,
    project_id: str,
    email: str,
    message: str,
    by: Requester,
    answers: Sequence[Mapping[str, str]] = (),
) -> AccessRequest:
    """A new request. One asked while signed in for the project goes to the producer at once;
    another waits until its e-mail address is confirmed. Where a standing rule goes by the domain,
    the address of the first kind is to be confirmed too, for the rule alone.

    Raises TooMany. Nothing in the answer depends on whether the project is a member already.
    """
    is_proof_wanted = by.user is None or _would_be_approved(listing, email)
    _refuse_too_often(email, by, is_proof_wanted=is_proof_wanted)
    now = timezone.now()
    with transaction.atomic():
        Listing.objects.select_for_update().get(pk=listing.pk)  # one at a time: the count holds
        _refuse_too_many_open(listing, project_id, by)
        request = AccessRequest.objects.create(
            listing=listing,
            project_id=project_id,
            email=email,
            message=message,
            state=State.OPEN if by.user else State.UNCONFIRMED,
            is_verified=by.user is not None,
            user_id=by.user.id if by.user else "",
            user_name=by.user.name if by.user else "",
            answers=[*answers],
            accepted_terms=listing.terms,
            confirmed_at=now if by.user else None,
            confirm_until=now + CONFIRM_WITHIN if is_proof_wanted else None,
        )
        _add_event(request, Kind.CREATED, message, request.user_name)
        if by.user:
            mail.request_received(request)
        if is_proof_wanted:
            mail.confirm_request(request)
    return request


def is_confirmation_expired(request: AccessRequest) -> bool:
    return request.state == State.UNCONFIRMED and _is_too_late(request)


def can_be_confirmed(request: AccessRequest) -> bool:
    """Whether the page of the link has something to say: also that it is too late, if nobody has
    seen the request for that."""
    is_wanted = request.can_be_decided and not request.email_proved_at
    return request.state == State.UNCONFIRMED or (is_wanted and not _is_too_late(request))


def confirm(*, request: AccessRequest, by: User | None = None) -> bool:
    """The address is the requester's: the producer may see the request, if it was not shown at
    once, and a rule may go by the address. False: not any more.

    ``by`` is who is signed in where the link was opened, if anyone: the address is this user's.
    """
    now = timezone.now()
    with transaction.atomic():
        waiting = AccessRequest.objects.select_for_update().filter(
            pk=request.pk,
            state__in=AccessRequest.UNDECIDED,
            confirm_until__gt=now,
            email_proved_at=None,
        )
        mine = waiting.first()
        if mine is None:
            return False
        is_news = mine.state == State.UNCONFIRMED
        mine.email_proved_at, mine.rule_looked_at = now, None
        mine.email_proved_by_id = by.id if by else ""
        if is_news:
            mine.state, mine.confirmed_at = State.OPEN, now
        columns = ["state", "confirmed_at", "email_proved_at", "rule_looked_at"]
        mine.save(update_fields=[*columns, "email_proved_by_id"])
        _add_event(mine, Kind.CONFIRMED)
        if is_news:
            mail.request_received(mine)
    request.refresh_from_db()
    return True


def answer(*, request: AccessRequest, text: str) -> bool:
    """Answer the producer's question; the request is open again. False: nobody is asking."""
    with transaction.atomic():
        is_mine = AccessRequest.objects.filter(pk=request.pk, state=State.ASKED).update(
            state=State.OPEN, rule_looked_at=None
        )
        if is_mine:
            request.refresh_from_db()
            _add_event(request, Kind.ANSWERED, text)
            mail.request_received(request, answer=text)
    return bool(is_mine)


def withdraw(*, request: AccessRequest, by: User | None = None) -> bool:
    """Take an undecided request back. False: it is decided, or on its way to be.

    ``by`` is None for the holder of its link, whom nobody knows.
    """
    with transaction.atomic():
        is_mine = (
            AccessRequest.objects.filter(pk=request.pk, state__in=AccessRequest.UNDECIDED)
            .exclude(claimed_until__gt=timezone.now())
            .update(state=State.WITHDRAWN)
        )
        if is_mine:
            request.refresh_from_db()
            _add_event(request, Kind.WITHDRAWN, by_name=by.name if by else "")
    return bool(is_mine)


def _is_too_late(request: AccessRequest) -> bool:
    return request.confirm_until is None or request.confirm_until <= timezone.now()


def _would_be_approved(listing: Listing, email: str) -> bool:
    """Whether a standing rule approves verified requests from this address's domain."""
    rule = Rule.objects.filter(listing=listing, is_on=True).first()
    return rule is not None and rule.allows_domain_of(email)


def _refuse_too_often(email: str, by: Requester, *, is_proof_wanted: bool) -> None:
    """From one address; and to one that somebody typed, whose holder may have asked for nothing."""
    counted = [("request", by.address, REQUESTS_PER_HOUR)]
    if is_proof_wanted:
        counted.append(("confirm", email, CONFIRMATIONS_PER_HOUR))
    for kind, key, limit in counted:
        wait = throttle.hit(kind=kind, key=key, limit=limit, window=timedelta(hours=1))
        if wait:
            raise refusals.TooMany(_("Too many requests."), wait_seconds=wait)


def _refuse_too_many_open(listing: Listing, project_id: str, by: Requester) -> None:
    """Anyone may claim to be of a project: such requests never stand in its own people's way."""
    undecided = AccessRequest.objects.filter(
        listing=listing, project_id=project_id, state__in=AccessRequest.UNDECIDED
    ).exclude(state=State.UNCONFIRMED, confirm_until__lte=timezone.now())
    if by.user:
        undecided = undecided.filter(is_verified=True)
    if undecided.count() >= OPEN_PER_PROJECT:
        raise refusals.TooMany(
            _(
                "This project has %(count)s undecided requests for this image already. Wait for "
                "an answer, or withdraw one of them."
            )
            % {"count": OPEN_PER_PROJECT}
        )


def _add_event(request: AccessRequest, kind: Kind, text: str = "", by_name: str = "") -> None:
    RequestEvent.objects.create(request=request, kind=kind, text=text, by_name=by_name)
