"""A whole run with recognisable secrets, in good and in bad weather: and then none of them stands
where it must not.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from portal.demo import company
from portal.demo.passcodes import passcode, wrong_passcode
from portal.demo.stack import Demo
from tests.live.processes import comes_true
from tests.live.secrets import COOKIES, CREDENTIALS, LINKS, Person
from tests.live.site import Site, site
from tests.live.wire import Spite
from tests.scenarios.loop import LISTING
from tests.scenarios.world import PASSCODE_SECRET

SPITES = (
    *(Spite(status) for status in (200, 500)),
    *(Spite(status, as_json=True) for status in (200, 400, 401, 403, 404, 409, 500)),
    Spite(200, is_cut=True),
)
# Where a secret of these kinds is at home: the link's own row, and the mail that brings it.
HOMES = {
    "request link": r"sharing_accessrequest\.token|sharing_outgoingmail\.(text|html)",
    "confirmation": r"sharing_accessrequest\.confirm_token|sharing_outgoingmail\.(text|html)",
    "unsubscribe link": r"sharing_(recipient|mailaddress)\.token"
    r"|sharing_outgoingmail\.(text|html|unsubscribe_url)",
    "address link": r"sharing_mailaddress\.confirm_token|sharing_outgoingmail\.(text|html)",
    "feed": "nowhere",
    "session": r"django_session\.session_key|sharing_projecttoken\.session_key",
    "csrf": "nowhere",
}


class Day:
    """What happens on a site in a day."""

    def __init__(self, site: Site) -> None:
        self.site, self.cloud, self.secrets = site, site.demo.cloud, site.secrets
        self.mark = uuid.uuid4().hex[:8]
        self.acme, self.orchard = self._project("acme"), self._project("orchard")
        self.second = self._project("second")
        self.ada, self.chen = self._user("ada", self.acme), self._user("chen", self.orchard)
        self.cloud.grant(self.cloud.create_user(*self.chen), self.second)
        self.image = ""

    def person(self) -> Person:
        return Person(self.site.base_url, self.secrets)

    def signed_in(self, who: tuple[str, str]) -> Person:
        person = self.person()
        assert person.sign_in(*who).status_code == 302
        return person

    def good_weather(self) -> None:
        producer, consumer = self.signed_in(self.ada), self.signed_in(self.chen)
        self._publish(producer)
        self._ask_and_approve(producer)
        self._answer(consumer)
        self._tell(consumer)
        self._other_ways_to_sign_in()
        assert consumer.post("/scope/", project_id=self.second, next="/").status_code == 302
        assert consumer.get("/inbox/waiting/").status_code == 200
        for page in ("/producer/history/", "/producer/mail/", "/producer/shares/", "/producer/"):
            assert producer.get(page).status_code == 200

    def bad_weather(self, spite: Spite) -> None:
        producer, consumer = self.signed_in(self.ada), self.signed_in(self.chen)
        waiting, stranger = self._with_receipt(), self.person()
        image = f"/producer/images/{self.image}/"
        with self.site.spite(spite):
            stranger.sign_in(f"nobody-{uuid.uuid4().hex[:8]}", f"pa55-{uuid.uuid4().hex}")
            stranger.sign_in_as_application(uuid.uuid4().hex, f"app-{uuid.uuid4().hex}")
            waiting.enter_passcode(wrong_passcode(PASSCODE_SECRET))
            for page in ("/inbox/", f"/shares/{self.image}/", "/inbox/waiting/"):
                consumer.get(page)
            consumer.post(f"/shares/{self.image}/status/", status="rejected")
            consumer.post("/scope/", project_id=self.orchard, next="/inbox/")
            for page in ("images/", "shares/", "figures/"):
                producer.get(f"/producer/{page}")
            producer.get(image)
            producer.post(f"{image}members/", project_id=uuid.uuid4().hex, email="x@y.example")
            producer.post(f"{image}edit/", name="renamed")
            facts = {"disk_format": "raw", "container_format": "bare", "source": "url"}
            producer.post("/producer/images/new/", name="new", url="http://127.0.0.1:9/x", **facts)
            producer.post("/sign-out/")
        self.signed_in(self.chen).post(f"/shares/{self.image}/status/", status="accepted")

    def own_faults(self) -> None:
        """Faults of ours, with a traceback: a table is not there."""
        consumer = self.signed_in(self.chen)
        links = [f"/access/{one}/" for one in self.secrets.known["request link"]]
        links += [f"/unsubscribe/{one}/" for one in self.secrets.known["unsubscribe link"]]
        links += [f"/feeds/{one}.atom" for one in self.secrets.known["feed"]]
        tables = ("accessrequest", "recipient", "inboxfeed", "attempt")
        for table in tables:
            self.site.sql(f"ALTER TABLE sharing_{table} RENAME TO away_{table}")
        try:
            answers = [consumer.get(link) for link in links]
            answers.append(self.person().sign_in(*self.ada))
        finally:
            for table in tables:
                self.site.sql(f"ALTER TABLE away_{table} RENAME TO sharing_{table}")
        assert {answer.status_code for answer in answers} == {500}

    def learn_from_the_wires(self) -> None:
        for wire in (self.site.keystone, self.site.glance):
            self.secrets.learn("token", *wire.secrets["X-Subject-Token"])
            self.secrets.learn("token", *wire.secrets["X-Auth-Token"])
            self.secrets.learn("receipt", *wire.secrets["Openstack-Auth-Receipt"])

    def _publish(self, producer: Person) -> None:
        made = producer.post(
            "/producer/images/new/", name="debian-12", disk_format="raw", container_format="bare",
            source="file", file_follows="yes",
        )  # fmt: skip
        self.image = made.headers["Location"].split("/")[-2]
        page = f"/producer/images/{self.image}/"
        assert producer.post(f"{page}visibility/", visibility="shared").status_code == 302
        listing = LISTING | {"title": f"Secret {self.mark}", "contact_email": "ada@acme.example"}
        assert producer.post(f"{page}listing/", **listing).status_code == 302

    def _ask_and_approve(self, producer: Person) -> None:
        email = f"chen-{self.mark}@orchard.example"
        visitor = self.person()
        asked = visitor.post(
            f"/catalogue/secret-{self.mark}/request/",
            project_id=self.orchard, email=email, message="Please.", accept_terms="on",
        )  # fmt: skip
        assert asked.status_code == 302, asked.text
        self.secrets.learn_from_mail(asked.headers["Location"])
        link = re.findall(r"http\S+/confirm/\S+", self.site.mail_to(email))[0]
        confirm = urlsplit(link)
        key = confirm.query.removeprefix("key=")
        assert visitor.get(link).status_code == 200
        assert visitor.post(confirm.path, key=key).status_code == 302
        queue = producer.get("/producer/requests/").text
        number = re.findall(r'data-request="(\d+)"', queue)[0]
        decision = producer.post(f"/producer/requests/{number}/decision/", decision="approve")
        assert decision.status_code == 302
        letters = self.site.mailbox.letters
        assert comes_true(lambda: any("shared" in one.subject for one in letters(email)))
        for letter in letters(email):
            self.secrets.learn_from_mail(letter.text + str(letter.message))
        assert visitor.get(asked.headers["Location"]).status_code == 200

    def _answer(self, consumer: Person) -> None:
        for status in ("accepted", "rejected", "accepted"):
            answer = consumer.post(f"/shares/{self.image}/status/", status=status)
            assert answer.status_code == 302

    def _tell(self, consumer: Person) -> None:
        """The feed, and the team's address with its link."""
        made = consumer.post("/inbox/feeds/", project=self.orchard)
        [key] = set(re.findall(r"/feeds/([\w-]{43})\.atom", made.text))
        self.secrets.learn("feed", key)
        assert self.person().get(f"/feeds/{key}.atom").status_code == 200
        team = f"team-{self.mark}@orchard.example"
        form = consumer.post("/inbox/mail/team/", project=self.orchard, email=team)
        assert form.status_code == 302, form.text
        [link] = re.findall(r"http\S+/confirm/", self.site.mail_to(team))
        assert self.person().post(link).status_code == 200

    def _other_ways_to_sign_in(self) -> None:
        waiting = self._with_receipt()
        assert waiting.enter_passcode(wrong_passcode(PASSCODE_SECRET)).status_code == 422
        assert waiting.enter_passcode(passcode(PASSCODE_SECRET)).status_code == 302
        credential, secret = self.cloud.create_application_credential(*self.ada, self.acme)
        assert self.person().sign_in_as_application(credential, secret).status_code == 302
        assert self.person().sign_in_as_application(credential, f"no-{secret}").status_code == 422
        self._by_websso()

    def _by_websso(self) -> None:
        self.cloud.employ(f"fay-{self.mark}", f"acme-{self.mark}")
        fay = self.person()
        there = fay.post("/sign-in/websso/start/", choice=company.PROTOCOL)
        address = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', there.text)[0]
        trusted = f"{self.site.demo.base_url}/sign-in/websso/"
        token = company.sign_in(f"{address.partition('?')[0]}?origin={trusted}", f"fay-{self.mark}")
        self.secrets.learn("token", token)
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(address))
        url = f"{self.site.base_url}/sign-in/websso/"
        sent = fay.http.post(
            url, {"token": token}, headers={"Origin": origin}, allow_redirects=False, timeout=30
        )
        assert sent.status_code == 302, sent.text
        assert fay.get("/sign-in/websso/").url == f"{self.site.base_url}/"

    def _with_receipt(self) -> Person:
        """Somebody whose password was right, and whose passcode is missing."""
        gus = self._user(f"gus-{uuid.uuid4().hex[:8]}", self.acme)
        user_id = self.cloud.create_user(*gus)
        self.cloud.ask_for_passcodes(user_id, secret=PASSCODE_SECRET, rules=[["password", "totp"]])
        person = self.person()
        assert person.sign_in(*gus).headers["Location"].startswith("/sign-in/")
        return person

    def _project(self, name: str) -> str:
        return self.cloud.create_project(f"{name}-{self.mark}")

    def _user(self, name: str, project: str) -> tuple[str, str]:
        who = (f"{name}-{self.mark}", f"pa55-{uuid.uuid4().hex}")
        self.cloud.grant(self.cloud.create_user(*who), project)
        return who


@pytest.fixture(scope="module", params=["text", "json"])
def day(
    request: pytest.FixtureRequest, portal: Demo, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Day]:
    """One that is over; the second one, with the other kind of log, has less weather."""
    with site(portal, tmp_path_factory.mktemp("site"), request.param) as here:
        day = Day(here)
        day.good_weather()
        for spite in SPITES if request.param == "text" else SPITES[1::4]:
            day.bad_weather(spite)
        day.own_faults()
        day.learn_from_the_wires()
        time.sleep(2)  # for what is reported in the background
        yield day


EVERYTHING = CREDENTIALS + COOKIES + LINKS


def test_it_was_a_whole_day(day: Day) -> None:
    """Else there would be nothing to find."""
    for kind in EVERYTHING:
        assert day.secrets.known[kind], kind
    assert len(day.secrets.known["token"]) > 20
    assert len(day.secrets.known["receipt"]) > 3
    statuses = {answer.status_code for answer in day.secrets.pages}
    assert statuses >= {200, 302, 403, 422, 500, 503}
    logs = day.site.logs()
    for word in ("DEBUG", "Traceback", "/access/<slug:token>/", "send_mail"):
        assert word in logs, word
    assert any("sharing_accessrequest" in event for event in day.site.sentry.said)
    stored = day.site.stored()
    assert any("gAAAA" in text for where, text in stored if where == "inside of a session")
    assert any(where == "sharing_projecttoken.sealed" for where, _ in stored)


def test_none_in_the_logs(day: Day) -> None:
    assert day.secrets.found_in(day.site.logs(), EVERYTHING) == set()


def test_none_in_what_is_reported(day: Day) -> None:
    assert day.secrets.found_in("\n".join(day.site.sentry.said), EVERYTHING) == set()


def test_none_in_the_figures(day: Day) -> None:
    figures = requests.get(f"{day.site.base_url}/metrics", timeout=30)
    assert "portal_upstream_seconds" in figures.text
    assert day.secrets.found_in(figures.text, EVERYTHING) == set()


def test_none_on_the_pages_for_what_went_wrong(day: Day) -> None:
    """A passcode is typed into a field of its page; any other credential is on no page at all."""
    hidden = tuple(kind for kind in CREDENTIALS if kind != "passcode")
    wrong = [answer.text for answer in day.secrets.pages if answer.status_code >= 400]
    assert day.secrets.found_in("\n".join(wrong), CREDENTIALS) == set()
    every = [answer.text for answer in day.secrets.pages]
    assert day.secrets.found_in("\n".join(every), hidden + COOKIES) == set()


def test_none_in_the_mails(day: Day) -> None:
    mails = "\n".join(str(letter.message) for letter in day.site.mailbox.letters())
    assert "Secret" in mails
    assert day.secrets.found_in(mails, (*CREDENTIALS, *COOKIES, "feed")) == set()


def test_in_the_database_only_what_is_sealed_or_at_home(day: Day) -> None:
    stored = day.site.stored()
    assert len({where for where, _ in stored}) > 200
    everywhere = "\n".join(f"{where} {text}" for where, text in stored)
    assert day.secrets.found_in(everywhere, CREDENTIALS) == set()
    for kind, home in HOMES.items():
        elsewhere = [text for where, text in stored if not re.fullmatch(home, where)]
        assert day.secrets.found_in("\n".join(elsewhere), (kind,)) == set()


def test_a_log_of_objects_has_only_objects(day: Day) -> None:
    """Where it is said to be JSON: also what the worker and the web server write."""
    if day.site.environment["LOG_FORMAT"] == "json":
        lines = day.site.worker.log.read_text().splitlines()
        assert all(json.loads(line)["level"] for line in lines)
