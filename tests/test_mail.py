"""The mails: what stands in each, to whom a reply goes, and that nobody adds a header."""

import email.message
import email.policy
import re
from email.parser import BytesParser
from typing import Any

import pytest
from django.core import mail as django_mail
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from sharing import mail
from sharing.models import AccessRequest, OutgoingMail, Recipient, Share
from tests.postbox import work
from tests.visitor import PRODUCER, PROJECT, a_listing, a_recipient, a_request

pytestmark = pytest.mark.django_db
IMAGE = "3f9a1c1e-0000-4000-8000-000000000001"


def a_share(**fields: Any) -> Share:
    defaults = {
        "image_id": IMAGE,
        "project_id": PROJECT,
        "producer_project_id": PRODUCER,
        "producer_name": "Acme Images",
        "image_name": "noble-server",
        "note": "Boot it with & < 2 GiB.",
        "shared_at": timezone.now(),
    }
    return Share(**(defaults | fields))


def sent() -> OutgoingMail:
    return OutgoingMail.objects.get()


def on_the_wire() -> email.message.EmailMessage:
    """The mail as the SMTP server gets it."""
    work()
    [message] = django_mail.outbox
    parser = BytesParser(policy=email.policy.default)
    parsed = parser.parsebytes(message.message().as_bytes())
    assert isinstance(parsed, email.message.EmailMessage)
    return parsed


def assert_in_both(one: OutgoingMail, *facts: str) -> None:
    for fact in facts:
        assert fact in one.text, fact
        assert fact in one.html, fact


def asked(state: str = "open", **fields: Any) -> AccessRequest:
    return a_request(a_listing("Noble", image_id=IMAGE), state, **fields)


def test_confirm_your_request() -> None:
    request = asked("unconfirmed", message="Buy at evil.test!")
    mail.confirm_request(request)
    one = sent()
    url = f"http://localhost/access/{request.token}/confirm/?key={request.confirm_token}"
    assert one.to == "chen@orchard.test"
    assert one.subject == "Confirm your request for Noble"
    assert_in_both(one, url, PROJECT, "Acme Images", "Noble", "UTC")
    assert "evil.test" not in one.text + one.html
    assert (one.reply_to, one.unsubscribe_url) == ("", "")


def test_request_received() -> None:
    mail.request_received(asked(user_name="chen", is_verified=True))
    one = sent()
    assert (one.to, one.reply_to) == ("images@acme.test", "chen@orchard.test")
    assert one.subject == "A request for Noble"
    queue = "http://localhost/producer/requests/"
    assert_in_both(one, queue, PROJECT, IMAGE, "For our build farm.", "is verified", "chen")


def test_request_received_says_what_is_only_typed() -> None:
    mail.request_received(asked())
    assert_in_both(sent(), "is not verified")


def test_request_received_with_an_answer() -> None:
    mail.request_received(asked(reason="Which farm?"), answer="The northern one.")
    one = sent()
    assert one.subject == "An answer about Noble"
    assert_in_both(one, "Which farm?", "The northern one.")


def test_more_information_asked() -> None:
    request = asked("asked", reason="Which farm?")
    mail.more_asked(request)
    one = sent()
    assert (one.to, one.reply_to) == ("chen@orchard.test", "images@acme.test")
    assert one.subject == "A question about your request for Noble"
    assert_in_both(one, f"http://localhost{request.get_absolute_url()}", "Which farm?", PROJECT)
    assert request.confirm_token not in one.text + one.html


def test_declined() -> None:
    request = asked("declined", reason="Not for farms.")
    mail.declined(request)
    one = sent()
    assert (one.to, one.reply_to) == ("chen@orchard.test", "images@acme.test")
    assert one.subject == "Your request for Noble was declined"
    assert_in_both(one, f"http://localhost{request.get_absolute_url()}", "Not for farms.", "Noble")


def test_shared_with_you() -> None:
    contact, share = a_recipient(), a_share(region="")
    mail.shared(share, to="chen@orchard.test", reply_to="images@acme.test")
    one = sent()
    assert (one.to, one.reply_to) == ("chen@orchard.test", "images@acme.test")
    assert one.subject == "Acme Images shared noble-server with you"
    assert f"http://localhost/shares/{IMAGE}/?project={PROJECT}" in one.text
    command = f"openstack image set --accept {IMAGE}"
    assert_in_both(one, IMAGE, "noble-server", "Acme Images", PROJECT, command)
    assert "Boot it with & < 2 GiB." in one.text
    assert "Boot it with &amp; &lt; 2 GiB." in one.html
    assert "--project" not in one.text + one.html
    assert one.unsubscribe_url == f"http://localhost/unsubscribe/{contact.token}/"
    assert_in_both(one, one.unsubscribe_url)


def test_shared_in_a_region_leads_to_that_region() -> None:
    mail.shared(a_share(region="North"), to="chen@orchard.test", reply_to="")
    assert f"/shares/{IMAGE}/?project={PROJECT}&region=North" in sent().text


def test_reminder() -> None:
    contact = a_recipient()
    mail.reminder(a_share(region="North"), to="chen@orchard.test", reply_to="images@acme.test")
    one = sent()
    assert (one.to, one.reply_to) == ("chen@orchard.test", "images@acme.test")
    assert one.subject == "Reminder: Acme Images shares noble-server with you"
    command = f"openstack image set --accept {IMAGE}"
    assert_in_both(one, "noble-server", IMAGE, PROJECT, "Acme Images", "North", command)
    assert_in_both(one, "you are not reminded again", one.unsubscribe_url)
    assert contact.token in one.unsubscribe_url


def test_share_removed() -> None:
    contact = a_recipient()
    mail.removed(a_share(), to="chen@orchard.test", reply_to="images@acme.test")
    one = sent()
    assert (one.to, one.reply_to) == ("chen@orchard.test", "images@acme.test")
    assert one.subject == "Acme Images no longer shares noble-server with you"
    assert_in_both(one, "noble-server", IMAGE, PROJECT, "Acme Images")
    assert contact.token in one.unsubscribe_url


@pytest.mark.parametrize(
    ("status", "words"),
    [("accepted", "was accepted by"), ("rejected", "was rejected by"), ("pending", "put back")],
)
def test_consumer_answered(status: str, words: str) -> None:
    mail.answered(a_share(), status=status, to="images@acme.test", reply_to="chen@orchard.test")
    one = sent()
    assert (one.to, one.reply_to) == ("images@acme.test", "chen@orchard.test")
    assert one.subject.startswith("noble-server ")
    assert words in one.subject
    page = f"http://localhost/producer/images/{IMAGE}/"
    assert_in_both(one, page, "noble-server", PROJECT, status)
    assert ("can still boot" in one.text) == (status == "rejected")


@pytest.mark.parametrize("name", ["shared", "reminder", "removed"])
def test_an_image_without_a_name_is_called_by_its_id(name: str) -> None:
    getattr(mail, name)(a_share(image_name=""), to="chen@orchard.test", reply_to="")
    assert IMAGE in sent().subject


def test_an_answer_about_an_image_without_a_name() -> None:
    mail.answered(a_share(image_name=""), status="accepted", to="a@acme.test", reply_to="")
    assert IMAGE in sent().subject


def test_who_unsubscribed_gets_nothing_and_the_producer_can_see_why() -> None:
    a_recipient(unsubscribed_at=timezone.now())
    mail.shared(a_share(), to="chen@orchard.test", reply_to="images@acme.test")
    work()
    assert sent().state == "suppressed"
    assert django_mail.outbox == []


# On the wire


def test_both_versions_are_sent_with_all_headers() -> None:
    contact = a_recipient()
    mail.shared(a_share(), to="chen@orchard.test", reply_to="images@acme.test")
    message = on_the_wire()
    assert message["To"] == "chen@orchard.test"
    assert message["From"] == "portal@portal.test"
    assert message["Reply-To"] == "images@acme.test"
    assert message["List-Unsubscribe"].strip() == f"<http://localhost/unsubscribe/{contact.token}/>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Message-ID"] == sent().message_id
    parts = [part.get_content_type() for part in message.iter_parts()]
    assert parts == ["text/plain", "text/html"]


def test_a_mail_to_a_requester_has_no_list_to_leave() -> None:
    mail.declined(asked("declined", reason="No."))
    message = on_the_wire()
    assert message["List-Unsubscribe"] is None
    assert message["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize(
    "name",
    [
        "noble\r\nBcc: victim@b.test",
        "noble\nSubject: Other",
        "noble\r\n\r\n<h1>body</h1>",
        "noble\x0bBcc: victim@b.test",
        "noble\x85Bcc: v@b.test",
        "noble\u2028Bcc: v@b.test",
        "x" * 2000,
        "=?utf-8?q?=0d=0aBcc:_v@b.test?=",
    ],
)
def test_an_image_name_adds_no_header(name: str) -> None:
    mail.shared(a_share(image_name=name), to="chen@orchard.test", reply_to="images@acme.test")
    message = on_the_wire()
    assert message["Bcc"] is None
    assert len(message.get_all("Subject", [])) == 1
    assert message["To"] == "chen@orchard.test"
    assert "<h1>body" not in sent().html


def test_the_texts_are_plain_and_the_html_is_escaped() -> None:
    mail.shared(
        a_share(image_name="<b>R&D</b>", producer_name="A<i>B"), to="chen@orchard.test", reply_to=""
    )
    one = sent()
    assert "<b>R&D</b>" in one.text
    assert "&amp;" not in one.text
    assert "<b>R" not in one.html
    assert "A<i>" not in one.html
    assert "<b>R&D</b>" in one.subject


def test_nothing_is_loaded_from_elsewhere_and_dark_is_dark() -> None:
    mail.shared(a_share(), to="chen@orchard.test", reply_to="")
    html = sent().html
    assert not re.search(r"<(img|link|script|iframe)", html)
    assert "prefers-color-scheme: dark" in html
    assert 'name="color-scheme"' in html


class AnyName(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(
        name=st.text(max_size=300).filter(lambda text: "\0" not in text),
        producer=st.text(max_size=300).filter(lambda text: "\0" not in text),
    )
    def test_no_name_breaks_a_mail_or_adds_a_header(self, name: str, producer: str) -> None:
        OutgoingMail.objects.all().delete()
        django_mail.outbox.clear()
        share = a_share(image_name=name, producer_name=producer)
        Recipient.objects.all().delete()
        recipient = a_recipient(token="t" * 43)
        mail.shared(share, to="chen@orchard.test", reply_to="images@acme.test")
        message = on_the_wire()
        assert sorted(key.lower() for key, _ in message.items()) == sorted(
            [
                "content-type",
                "mime-version",
                "subject",
                "from",
                "to",
                "reply-to",
                "date",
                "message-id",
                "list-unsubscribe",
                "list-unsubscribe-post",
            ]
        )
        recipient.delete()
