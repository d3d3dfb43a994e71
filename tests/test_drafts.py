from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.test import RequestFactory

from sharing import drafts

pytestmark = pytest.mark.django_db
SHARE = "/shares/0e0c8b1e-7c6f-4d0e-9f0a-0123456789ab/"


def post(path: str, data: dict[str, Any], *, user: str = "u1", **headers: str) -> HttpRequest:
    request = RequestFactory().post(path, data, headers=headers)
    request.session = SessionStore()
    request.session["cloud"] = {"user": [user, "ada", "Default"]}
    return request


def test_what_was_typed_is_there_once() -> None:
    request = post("/inbox/", {"image": ["a", "b"], "note": "é & ü"})
    drafts.keep(request)
    draft = drafts.take(request, "/inbox/")
    assert draft is not None
    assert (draft.getlist("image"), draft["note"]) == (["a", "b"], "é & ü")
    assert drafts.take(request, "/inbox/") is None


def test_another_form_does_not_take_it() -> None:
    request = post("/inbox/", {"note": "mine"})
    drafts.keep(request)
    assert drafts.take(request, "/elsewhere/") is None
    assert drafts.take(request, "/inbox/") is not None


def test_another_user_does_not_get_it() -> None:
    request = post("/inbox/", {"note": "mine"})
    drafts.keep(request)
    request.session["cloud"] = {"user": ["u2", "bo", "Default"]}
    assert drafts.take(request, "/inbox/") is None


def test_the_last_one_wins() -> None:
    request = post("/inbox/", {"note": "first"})
    drafts.keep(request)
    second = post("/inbox/", {"note": "second"})
    second.session = request.session
    drafts.keep(second)
    draft = drafts.take(second, "/inbox/")
    assert draft is not None
    assert draft["note"] == "second"


@pytest.mark.parametrize(
    "name", ["csrfmiddlewaretoken", "password", "application_credential_secret"]
)
def test_secrets_are_not_kept(name: str) -> None:
    request = post("/sign-in/", {name: "s3cret", "username": "ada"})
    drafts.keep(request)
    assert "s3cret" not in str(request.session["draft"])
    draft = drafts.take(request, "/sign-in/")
    assert draft is not None
    assert draft.dict() == {"username": "ada"}


def test_what_is_larger_than_any_form_is_not_kept() -> None:
    request = post("/inbox/", {"note": "x" * 600_001})
    drafts.keep(request)
    assert drafts.take(request, "/inbox/") is None


@pytest.mark.parametrize(
    ("path", "referer", "page"),
    [
        ("/inbox/", "http://testserver/inbox/?status=rejected", "/inbox/?status=rejected"),
        (f"{SHARE}status/", f"http://testserver{SHARE}?project=a", f"{SHARE}?project=a"),
        (f"{SHARE}status/", f"http://testserver{SHARE}status/", SHARE),
        (f"{SHARE}status/", "http://evil.test/inbox/", SHARE),
        (f"{SHARE}status/", "", SHARE),
        ("/sign-out/", "", "/"),
        ("/inbox/", "http://testserver", "/"),
        ("/inbox/", "http://testserver/no/such/page/", "/"),
    ],
)
def test_one_comes_back_to_where_the_form_stood(path: str, referer: str, page: str) -> None:
    request = post(path, {}, Referer=referer)
    assert drafts.page_to_come_back_to(request) == page


def test_htmx_knows_the_page_better() -> None:
    headers = {
        "HX-Current-URL": "http://testserver/inbox/?page=2",
        "Referer": "http://testserver/",
    }
    assert drafts.page_to_come_back_to(post("/inbox/", {}, **headers)) == "/inbox/?page=2"


def test_a_page_that_was_looked_at_is_come_back_to() -> None:
    request = RequestFactory().get("/inbox/?status=accepted")
    assert drafts.page_to_come_back_to(request) == "/inbox/?status=accepted"


@pytest.mark.parametrize(
    "address", ["", "inbox/", "//evil.test", "http://testserver/inbox/", "/\\evil.test", "/\t/e.t"]
)
def test_what_leads_away_is_no_page_of_this_site(address: str) -> None:
    assert drafts.page_of_this_site(address) == ""
