"""The links in mails that prove an address, or stop the mails to it. They need no sign-in."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt

from sharing.http import Request
from sharing.models import MailAddress
from sharing.services import contacts, mail_addresses
from sharing.views.access import address_by_mail, own_mails
from sharing.views.keyed import keyed

# The address of these pages is their key: no cache keeps them, no search engine lists them.
private = cache_control(private=True, no_store=True)


@private
@keyed
def confirm(request: Request, token: str) -> HttpResponse:
    """Opening the mail's link only shows a button: programs that look at mails open links too."""
    address = address_by_mail(token)
    if request.method == "POST":
        mail_addresses.confirm(address=address)
    is_over = bool(address.ended_at) or mail_addresses.is_expired(address)
    context = {"address": address, "is_over": is_over}
    return render(request, "inbox/confirm_address.html", context, status=410 if is_over else 200)


# A mail program unsubscribes with one click (RFC 8058): it posts without any cookie, and must not
# be redirected. The link is the proof. Opening it changes nothing: programs do that, too.
@csrf_exempt
@private
@keyed
def unsubscribe(request: Request, token: str) -> HttpResponse:
    mails = own_mails(token)
    is_back = request.POST.get("subscribe") == "yes"
    if isinstance(mails, MailAddress):
        if request.method == "POST":
            verb = mail_addresses.resume if is_back else mail_addresses.stop
            verb(address=mails)
        return render(request, "inbox/stop_mails.html", {"address": mails})
    if request.method == "POST":
        change = contacts.resubscribe if is_back else contacts.unsubscribe
        change(recipient=mails)
    return render(request, "access/unsubscribe.html", {"recipient": mails})
