"""The only door to every object: who may see what is decided here, once.

"Not yours" and "not there" are the same 404.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django_htmx.http import HttpResponseClientRedirect

from sharing import drafts
from sharing.cloud.errors import NotFound
from sharing.cloud.resources import Image
from sharing.http import Request, SignedInRequest
from sharing.models import (
    AccessRequest,
    BulkJob,
    Group,
    InboxFeed,
    Listing,
    MailAddress,
    OutgoingMail,
    Producer,
    Recipient,
)
from sharing.services import inbox, inbox_feeds, my_requests

P = ParamSpec("P")
View = Callable[Concatenate[Request, P], HttpResponse]
SignedInView = Callable[Concatenate[SignedInRequest, P], HttpResponse]


def only_post(view: View[P]) -> View[P]:
    """405 for everything but POST; ``drafts`` reads the mark to find a page one can look at."""

    @wraps(view)
    def inner(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method != "POST":
            context = {"back": drafts.page_of_this_site(request.path)}
            page = render_to_string("errors/405.html", context, request)
            return HttpResponseNotAllowed(["POST"], page)
        return view(request, *args, **kwargs)

    inner.__dict__["only_post"] = True
    return inner


def signed_in(view: SignedInView[P]) -> View[P]:
    """Only for someone signed in; others sign in first, and find what they typed again."""

    @wraps(view)
    def inner(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.cloud is None:
            return to_sign_in(request)
        return view(cast("SignedInRequest", request), *args, **kwargs)

    return inner


def to_sign_in(request: Request) -> HttpResponse:
    """Off to the sign-in and back to this page; a posted form is kept for then."""
    if request.method == "POST":
        drafts.keep(request)
    query = urlencode({"next": drafts.page_to_come_back_to(request)})
    target = f"{reverse('sign-in')}?{query}"
    if request.htmx:
        return HttpResponseClientRedirect(target)
    answer = redirect(target)
    if request.method == "PUT":  # after a 302 the browser would send the file there, too
        answer.status_code = HTTPStatus.SEE_OTHER
    return answer


def owned_image(request: SignedInRequest, image_id: str) -> Image:
    """An image of the signed-in project. An admin sees every image; it is still not his."""
    try:
        image = request.cloud.images.get_image(image_id)
    except NotFound as error:
        raise Http404 from error
    if not image.is_owned_by(request.cloud.project.id):
        raise Http404
    return image


def is_own_image(request: SignedInRequest, image_id: str) -> bool:
    """Whether the signed-in project is the image's producer."""
    try:
        owned_image(request, image_id)
    except Http404:
        return False
    return True


def own_listing(request: SignedInRequest, image_id: str) -> Listing:
    """The project's listing of an image: still there when the image is not."""
    return get_object_or_404(
        Listing.objects.prefetch_related("tags"),
        image_id=image_id,
        project_id=request.cloud.project.id,
    )


def own_share(request: SignedInRequest, image_id: str) -> inbox.Standing:
    """What is, or was, shared with the signed-in project, or is open to it."""
    standing = inbox.standing(cloud=request.cloud, image_id=image_id)
    if standing is None:
        raise Http404
    return standing


def owned_request(request: SignedInRequest, request_id: int) -> AccessRequest:
    """A request that has reached the producer: confirmed, and for a listing of this project."""
    return get_object_or_404(
        AccessRequest.objects.select_related("listing").exclude(confirmed_at=None),
        pk=request_id,
        listing__project_id=request.cloud.project.id,
    )


def owned_requests(request: SignedInRequest, ids: Sequence[int]) -> list[AccessRequest]:
    """Several of them, in the order of their IDs as given; one that is not there hides all."""
    reached = AccessRequest.objects.select_related("listing").exclude(confirmed_at=None)
    found = reached.filter(listing__project_id=request.cloud.project.id).in_bulk(ids)
    if len(found) < len(set(ids)):
        raise Http404
    return [found[one] for one in ids]


def owned_mail(request: SignedInRequest, mail_id: int) -> OutgoingMail:
    """A mail that the project wrote, or got. One that proves an address is its receiver's alone."""
    return get_object_or_404(
        OutgoingMail.objects.exclude(kind=OutgoingMail.Kind.CONFIRM_REQUEST),
        pk=mail_id,
        producer_project_id=request.cloud.project.id,
    )


def own_job(request: SignedInRequest, job_id: int) -> BulkJob:
    """A bulk job of the signed-in project: anyone of it may go on with it."""
    return get_object_or_404(BulkJob, pk=job_id, producer_project_id=request.cloud.project.id)


def own_group(request: SignedInRequest, group_id: int) -> Group:
    return get_object_or_404(Group, pk=group_id, producer_project_id=request.cloud.project.id)


def own_request(token: str) -> AccessRequest:
    """The requester's own request: whoever holds the link is the requester."""
    return get_object_or_404(AccessRequest.objects.select_related("listing"), token=token)


def my_request(request: SignedInRequest, request_id: int) -> AccessRequest:
    """A request that the signed-in user asked, or his project by proof; not one that names it."""
    mine = my_requests.of_user(cloud=request.cloud).select_related("listing")
    return get_object_or_404(mine, pk=request_id)


def own_request_by_mail(token: str, *, key: str) -> AccessRequest:
    """The request of someone who reads its mail: the key is in the mail and nowhere else."""
    asked = own_request(token)
    if not constant_time_compare(key, asked.confirm_token):
        raise Http404
    return asked


def own_mails(token: str) -> Recipient | MailAddress:
    """The mails to an address, for whoever gets them: the link is in each of them. They are a
    producer's, or those that a project or a person of it wanted."""
    recipient = Recipient.objects.filter(token=token).first()
    addresses = MailAddress.objects.select_related("subscription").exclude(confirmed_at=None)
    return recipient or get_object_or_404(addresses, token=token)


def address_by_mail(token: str) -> MailAddress:
    """The address of someone who reads its mail: the key is in one mail and nowhere else."""
    return get_object_or_404(
        MailAddress.objects.select_related("subscription"), confirm_token=token
    )


def secret_feed(key: str) -> InboxFeed:
    """A project's private feed, for whoever has its address."""
    feed = inbox_feeds.with_key(key)
    if feed is None:
        raise Http404
    return feed


def public_listing(slug: str) -> Listing:
    """A listing that is or was public. Any other is nobody's business but the producer's."""
    return get_object_or_404(
        Listing.objects.exclude(state=Listing.State.DRAFT, published_at=None).prefetch_related(
            "tags"
        ),
        slug=slug,
    )


def public_producer(slug: str) -> Producer:
    """A producer's profile is there for anyone, once it is written."""
    return get_object_or_404(Producer, slug=slug)
