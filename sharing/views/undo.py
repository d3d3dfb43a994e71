"""Ten seconds to think better of an answer: the offer stands in the message, wherever that shows.

A message with ``extra_tags`` is such an offer; they are its key.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.messages.storage.base import BaseStorage
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sharing import drafts
from sharing.cloud.resources import MemberStatus
from sharing.http import SignedInRequest
from sharing.services import answers
from sharing.services.answers import Answered
from sharing.views.access import only_post, signed_in

_KEY = "undo"
_MOST = 5
_MOST_TOLD = 10
# The page takes the button away after ten seconds, unless it is just being pointed at. What was
# pressed later, without a script or with a slow hand, is taken all the same for a while: an undo
# that comes late does no harm, since it leaves alone what was changed meanwhile.
SHOWN_FOR = timedelta(seconds=10)
TAKEN_FOR = timedelta(minutes=2)


def offer(request: SignedInRequest, words: str, answered: Sequence[Answered]) -> None:
    """Say what was done, with a button to undo it; and again what was done a moment before."""
    now = timezone.now()
    offers = _offers(request, now)
    said = _said(request)
    for one in offers:
        is_fresh = now - datetime.fromisoformat(one["at"]) < SHOWN_FOR
        if is_fresh and one["whose"] == _whose(request) and one["key"] not in said:
            messages.success(request, one["words"], extra_tags=one["key"])
    if not answered:
        messages.success(request, words)
        return
    key = secrets.token_urlsafe(12)
    one = {"key": key, "at": now.isoformat(), "whose": _whose(request), "words": words}
    request.session[_KEY] = [*offers, one | {"images": _written(answered)}][-_MOST:]
    messages.success(request, words, extra_tags=key)


@only_post
@signed_in
def undo(request: SignedInRequest) -> HttpResponse:
    """Back to the page where it was said."""
    offers = _offers(request, timezone.now())
    key, mine = request.POST.get("undo"), _whose(request)
    one = next((one for one in offers if one["key"] == key and one["whose"] == mine), None)
    if one is None:
        text = _("It is too late to undo that. But every answer can be changed at any time.")
        messages.warning(request, text)
        return redirect(drafts.page_to_come_back_to(request))
    outcomes = answers.take_back(
        cloud=request.cloud, answered=_read(one["images"]), by=request.cloud.user
    )
    request.session[_KEY] = [other for other in offers if other is not one]
    done = [outcome for outcome in outcomes if not outcome.why_not]
    if done:
        words = ngettext(
            "Undone: “%(name)s” is as it was.",
            "Undone: %(count)d images are as they were.",
            len(done),
        )
        messages.success(request, words % {"name": done[0].image_name, "count": len(done)})
    tell_faults(request, outcomes)
    return redirect(drafts.page_to_come_back_to(request))


def tell_faults(request: SignedInRequest, outcomes: Sequence[answers.Outcome]) -> None:
    """One by one, as far as anybody would read."""
    faults = [outcome for outcome in outcomes if outcome.why_not]
    for outcome in faults[:_MOST_TOLD]:
        messages.error(request, f"{outcome.image_name}: {outcome.why_not}")
    left = len(faults) - _MOST_TOLD
    if left > 0:
        words = ngettext("And %(n)d more was not done.", "And %(n)d more were not done.", left)
        messages.error(request, words % {"n": left})


def _said(request: SignedInRequest) -> set[str]:
    """The offers that the next page shows anyway."""
    told = messages.get_messages(request)
    said = {str(message.extra_tags) for message in told}
    if isinstance(told, BaseStorage):
        told.used = False  # they are still to be shown
    return said


def _offers(request: SignedInRequest, now: datetime) -> list[dict[str, Any]]:
    """Those that are still good, the oldest first."""
    kept: list[dict[str, Any]] = request.session.get(_KEY, [])
    return [one for one in kept if now - datetime.fromisoformat(one["at"]) < TAKEN_FOR]


def _whose(request: SignedInRequest) -> str:
    return f"{request.cloud.user.id} {request.cloud.project.id}"


def _written(answered: Sequence[Answered]) -> list[list[str]]:
    return [
        [one.image_id, one.image_name, one.before, one.status, one.at.isoformat()]
        for one in answered
    ]


def _read(images: Sequence[tuple[str, str, MemberStatus, MemberStatus, str]]) -> list[Answered]:
    return [
        Answered(image_id, name, before, status, datetime.fromisoformat(at))
        for image_id, name, before, status, at in images
    ]
