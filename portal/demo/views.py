"""The pages that are there only in the demo: the mailbox, where whoever looks on sees what the
portal's mails look like, and the one-time passcodes, for want of a phone.
"""

from __future__ import annotations

import re
from pathlib import Path

from csp.constants import HEADER, NONE, SELF, UNSAFE_INLINE
from csp.utils import build_policy
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from portal.demo.mailbox import Letter, Mailbox
from portal.demo.passcodes import passcode
from portal.demo.story import GUS

AT_MOST = 200
HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
# A mail is somebody else's page: no scripts, nothing fetched, and its links open in the whole
# window.
LETTER_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
    "frame-ancestors": [SELF],
    "form-action": [NONE],
    "base-uri": [NONE],
    "sandbox": ["allow-top-navigation-by-user-activation"],
}


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    recipient = request.GET.get("to", "").strip()
    letters = _mailbox().letters(recipient)
    about = {"letters": letters[:AT_MOST], "recipient": recipient, "number": len(letters)}
    return render(request, "demo/mailbox.html", about)


@require_safe
def message(request: HttpRequest, key: str) -> HttpResponse:
    response = render(request, "demo/message.html", {"letter": _letter(key)})
    response.headers[HEADER] = build_policy(update={"frame-src": [SELF]})
    return response


@require_safe
@xframe_options_sameorigin
def message_html(_: HttpRequest, key: str) -> HttpResponse:
    page = _letter(key).html
    if not page:
        raise Http404
    page = HEAD.sub(lambda head: f'{head[0]}<base target="_top">', page, count=1)
    return HttpResponse(page, headers={HEADER: build_policy(config=LETTER_POLICY)})


@require_safe
def passcodes(request: HttpRequest) -> HttpResponse:
    """What the apps of those show who need one."""
    about = {"people": [(GUS, passcode(GUS.passcode_secret))]}
    return render(request, "demo/passcodes.html", about)


def _mailbox() -> Mailbox:
    return Mailbox(Path(settings.DEMO_MAILBOX))


def _letter(key: str) -> Letter:
    try:
        return _mailbox().letter(key)
    except KeyError as error:
        raise Http404 from error
