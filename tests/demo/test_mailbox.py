"""The mailbox page of the demo."""

from __future__ import annotations

import os
import secrets
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client
from django.urls import include, path
from pytest_django import Settings

from portal.demo.mailbox import Letter, Mailbox
from portal.urls import handler400, handler403, handler404

urlpatterns = [path("demo/", include("portal.demo.urls")), path("", include("sharing.urls"))]
__all__ = ["handler400", "handler403", "handler404", "urlpatterns"]

LINK = "http://127.0.0.1:8000/access/abc-123/"


@pytest.fixture
def mailbox(tmp_path: Path, settings: Settings) -> Mailbox:
    settings.ROOT_URLCONF = __name__
    settings.DEMO_MAILBOX = str(tmp_path)
    return Mailbox(tmp_path)


def deliver(mailbox: Mailbox, to: str, subject: str, *, at: int = 1, html: str = "") -> Letter:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "portal@portal.test", to, subject
    message["X-RcptTo"] = to
    message.set_content(f"Hello,\nopen {LINK}.\n")
    if html:
        message.add_alternative(html, subtype="html")
    name = f"{secrets.token_hex(4)}.{at}"
    kept = mailbox.folder / "new" / name
    kept.write_bytes(message.as_bytes())
    os.utime(kept, (at, at))
    return mailbox.letter(name)


def test_lists_the_newest_first(client: Client, mailbox: Mailbox) -> None:
    deliver(mailbox, "ada@acme.example", "first letter", at=1)
    deliver(mailbox, "ada@acme.example", "second letter", at=2)
    page = client.get("/demo/mailbox/").content.decode()
    assert page.index("second letter") < page.index("first letter")


def test_filters_by_recipient(client: Client, mailbox: Mailbox) -> None:
    deliver(mailbox, "ada@acme.example", "for ada")
    deliver(mailbox, "Bo@acme.example", "for bo")
    page = client.get("/demo/mailbox/", {"to": "bo@ACME.example"}).content.decode()
    assert "for bo" in page
    assert "for ada" not in page


def test_says_so_when_there_is_no_mail(client: Client, mailbox: Mailbox) -> None:
    assert "No mail" in client.get("/demo/mailbox/").content.decode()


def test_makes_the_links_of_the_text_clickable(client: Client, mailbox: Mailbox) -> None:
    letter = deliver(mailbox, "ada@acme.example", "confirm")
    page = client.get(f"/demo/mailbox/{letter.key}/").content.decode()
    assert f'href="{LINK}"' in page
    assert letter.links == [LINK]


def test_shows_what_is_written_and_runs_none_of_it(client: Client, mailbox: Mailbox) -> None:
    letter = deliver(mailbox, "ada@acme.example", "<script>alert(1)</script>")
    assert "<script>alert" not in client.get(f"/demo/mailbox/{letter.key}/").content.decode()


def test_frames_the_html_part_with_a_policy_of_its_own(client: Client, mailbox: Mailbox) -> None:
    letter = deliver(mailbox, "ada@acme.example", "html", html="<html><head></head><p>Hi</html>")
    page = client.get(f"/demo/mailbox/{letter.key}/")
    assert f'src="/demo/mailbox/{letter.key}/html/"' in page.content.decode()
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]

    framed = client.get(f"/demo/mailbox/{letter.key}/html/")
    assert '<base target="_top">' in framed.content.decode()
    policy = framed.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-top-navigation-by-user-activation" in policy
    assert "script-src" not in policy
    assert framed.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_a_letter_without_html_has_no_html_page(client: Client, mailbox: Mailbox) -> None:
    letter = deliver(mailbox, "ada@acme.example", "plain")
    assert client.get(f"/demo/mailbox/{letter.key}/html/").status_code == 404


@pytest.mark.parametrize(
    "key", ["nothing", "..", "..%2Fsecret", "%2e%2e%2fsecret", "%2Fetc%2Fpasswd"]
)
def test_reads_nothing_outside_the_mailbox(key: str, client: Client, mailbox: Mailbox) -> None:
    (mailbox.folder / "secret").write_text("Subject: secret\n\nsecret")
    assert client.get(f"/demo/mailbox/{key}/").status_code == 404


def test_waiting_in_vain_ends(mailbox: Mailbox) -> None:
    deliver(mailbox, "ada@acme.example", "something else")
    with pytest.raises(TimeoutError, match="confirm"):
        mailbox.wait_for("ada@acme.example", "confirm", seconds=0)
