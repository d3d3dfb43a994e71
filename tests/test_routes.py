"""No route vanishes: people script against them."""

import pytest
from django.urls import Resolver404, resolve, reverse

IMAGE = "0e0c8b1e-7c6f-4d0e-9f0a-0123456789ab"
PROJECT = "0123456789abcdef0123456789abcdef"
ROUTES = {
    "/": "catalogue",
    "/catalogue/noble/": "listing",
    "/catalogue/noble/request/": "request",
    "/catalogue/noble/report/": "listing-report",
    "/access/t0ken/": "access",
    "/access/t0ken/confirm/": "access-confirm",
    "/access/t0ken/withdraw/": "access-withdraw",
    "/sign-in/": "sign-in",
    "/sign-in/websso/": "websso",
    "/sign-in/websso/start/": "websso-start",
    "/sign-out/": "sign-out",
    "/scope/": "scope",
    "/producer/": "producer",
    "/producers/acme/": "producer-page",
    "/producer/profile/": "profile",
    "/producer/figures/": "figures",
    "/producer/images/": "producer-images",
    f"/producer/images/{IMAGE}/": "producer-image",
    "/producer/images/new/": "image-new",
    f"/producer/images/{IMAGE}/data/": "image-data",
    f"/producer/images/{IMAGE}/download/": "image-download",
    f"/producer/images/{IMAGE}/edit/": "image-edit",
    f"/producer/images/{IMAGE}/delete/": "image-delete",
    f"/producer/images/{IMAGE}/visibility/": "visibility",
    f"/producer/images/{IMAGE}/listing/": "listing-edit",
    f"/producer/images/{IMAGE}/request-form/": "request-form",
    f"/producer/images/{IMAGE}/request-form/rule/": "rule",
    f"/producer/images/{IMAGE}/members/": "members",
    f"/producer/images/{IMAGE}/members/{PROJECT}/remove/": "member-remove",
    f"/producer/images/{IMAGE}/members/{PROJECT}/contact/": "member-contact",
    f"/producer/images/{IMAGE}/members/{PROJECT}/remind/": "member-remind",
    f"/producer/images/{IMAGE}/members/remind/": "members-remind",
    f"/producer/images/{IMAGE}/members/end/": "members-end",
    f"/producer/images/{IMAGE}/members/{PROJECT}/end/": "member-end",
    f"/producer/images/{IMAGE}/members/{PROJECT}/": "producer-share",
    "/producer/shares/": "shares",
    "/producer/shares.csv": "shares-csv",
    "/producer/shares.json": "shares-json",
    "/producer/shares/ended/": "shares-ended",
    "/producer/shares/remind/": "shares-remind",
    f"/producer/images/{IMAGE}/members/bulk/": "members-bulk",
    f"/producer/images/{IMAGE}/replaces/": "replaces",
    f"/producer/images/{IMAGE}/replaces/late/": "carry-late",
    f"/producer/images/{IMAGE}/replaces/undo/": "replaces-undo",
    f"/producer/images/{IMAGE}/retire/": "retire",
    "/producer/bulk/": "bulk",
    "/producer/bulk/template.csv": "bulk-template",
    "/producer/groups/": "groups",
    "/producer/groups/7/": "group",
    "/producer/groups/7/export.csv": "group-export",
    "/producer/groups/7/members/": "group-members",
    "/producer/groups/7/take-out/": "group-take-out",
    "/producer/groups/7/delete/": "group-delete",
    "/producer/jobs/": "jobs",
    "/producer/jobs/7/": "job",
    "/producer/jobs/7/lines/": "job-lines",
    "/producer/jobs/7/start/": "job-start",
    "/producer/jobs/7/run/": "job-run",
    "/producer/jobs/7/retry/": "job-retry",
    "/producer/jobs/7/discard/": "job-discard",
    "/producer/requests/": "requests",
    "/producer/requests/7/decision/": "decision",
    "/producer/requests/decisions/": "decisions",
    "/producer/requests/rules/": "rules-run",
    "/producer/requests/7/notes/": "request-note",
    "/producer/mail/": "mail",
    "/producer/mail/7/retry/": "mail-retry",
    "/producer/history/": "history",
    "/inbox/": "inbox",
    "/inbox/feeds/": "inbox-feeds",
    "/inbox/feeds/revoke/": "inbox-feed-revoke",
    "/feeds/t0ken.atom": "inbox-feed",
    "/inbox/requests/": "inbox-requests",
    "/inbox/rules/": "inbox-rules",
    "/inbox/rules/run/": "inbox-rules-run",
    "/inbox/rules/undo/": "inbox-rules-undo",
    f"/inbox/rules/{PROJECT}/": "inbox-rule",
    "/inbox/requests/7/withdraw/": "inbox-request-withdraw",
    "/inbox/undo/": "inbox-undo",
    "/inbox/waiting/": "waiting",
    f"/shares/{IMAGE}/": "share",
    f"/shares/{IMAGE}/status/": "share-status",
    f"/shares/{IMAGE}/download/": "share-download",
    f"/shares/{IMAGE}/report/": "share-report",
    "/feed.atom": "feed",
    "/catalogue.json": "catalogue-json",
    "/robots.txt": "robots",
    "/healthz": "healthz",
    "/readyz": "readyz",
}


@pytest.mark.parametrize(("path", "name"), ROUTES.items())
def test_it_is_there(path: str, name: str) -> None:
    found = resolve(path)
    assert found.url_name == name
    assert reverse(name, kwargs=found.kwargs) == path


@pytest.mark.parametrize("image_id", ["x", "..", IMAGE.upper(), IMAGE[:-1], f"{IMAGE}0"])
def test_an_image_is_named_by_its_uuid_only(image_id: str) -> None:
    with pytest.raises(Resolver404):
        resolve(f"/shares/{image_id}/")
