"""What the fifty do, for locust, in its own environment. Each pauses before each page, as one who
reads it, and comes from an address of its own.

A step that is not answered as it should be is a failure, and its user begins anew.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import time
import uuid
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from locust import HttpUser, constant, events, task
from locust.exception import RescheduleTask

from portal.bench.verdict import FINE, MAIL
from portal.demo.mailbox import Mailbox
from portal.demo.visitor import Address

PAUSE = (1.0, 5.0)  # seconds
MAIL_SECONDS = 20.0
PLAN = json.loads(Path(os.environ["LOAD_PLAN"]).read_text())
_producers, _consumers = iter(PLAN["producers"]), iter(PLAN["consumers"])
_numbers = itertools.count(1)


class Post:
    """The newest link for each address, from letters that are each read once."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._read: set[str] = set()
        self._links: dict[str, str] = {}

    def link_for(self, email: str) -> str | None:
        folder = self._mailbox.folder / "new"
        for key in {path.name for path in folder.iterdir()} - self._read:
            self._read.add(key)
            letter = self._mailbox.letter(key)
            confirms = [link for link in letter.links if "/confirm/" in link]
            self._links |= {one: link for one in letter.recipients for link in confirms}
        return self._links.pop(email, None)


POST = Post(Mailbox(Path(PLAN["mailbox"])))


class Person(HttpUser):
    abstract = True
    wait_time = constant(0)

    def begin(self) -> None:
        """A new browser."""
        self.client.trust_env = False
        self.client.cookies.clear()
        self.client.mount("http://", Address())

    def get(self, name: str, path: str) -> str:
        return str(self._ask("GET", name, path, 200).text)

    def post(self, name: str, path: str, **fields: str) -> str:
        """Where it leads."""
        form = fields | {"csrfmiddlewaretoken": self.client.cookies.get("csrftoken", "")}
        return str(self._ask("POST", name, path, 302, data=form).headers["Location"])

    def sign_in(self, account: dict[str, str]) -> None:
        self.begin()
        self.get("sign-in page", "/sign-in/")
        words = {"username": account["name"], "password": account["password"]}
        self.post("sign in", "/sign-in/", method="password", domain="Default", next="/", **words)

    def _ask(self, method: str, name: str, path: str, expected: int, **more: Any) -> Any:
        time.sleep(random.uniform(*PAUSE))
        with self.client.request(
            method, path, name=name, allow_redirects=False, catch_response=True, **more
        ) as answer:
            if answer.status_code != expected:
                answer.failure(f"{answer.status_code}, and not {expected}")
        if answer.status_code != expected:
            raise RescheduleTask
        return answer


class Visitor(Person):
    """Looks around, asks for an image, and confirms by the link in the mail."""

    fixed_count = PLAN["visitors"]

    @task
    def visit(self) -> None:
        self.begin()
        self.get("catalogue", "/")
        self.get("catalogue, a page", f"/?page={random.randint(2, 200)}")
        self.get("catalogue, filtered", "/?os=ubuntu&architecture=x86_64")
        found = self.get("catalogue, searched", f"/?q={PLAN['word']}")
        listing = f"/catalogue/{one_of('data-listing', found)}/"
        self.get("listing", listing)
        self.get("request form", f"{listing}request/")
        email = f"visitor-{next(_numbers)}@load.example"
        form = {"project_id": uuid.uuid4().hex, "email": email, "message": "For the harbour."}
        status = self.post("request sent", f"{listing}request/", **form)
        self.get("status page", status)
        link = self._link_for(email)
        page = self.get("link of the mail", link)
        key = re.search(r'name="key" value="([^"]+)"', page)
        self.post("request confirmed", link.split("?")[0], key=key[1] if key else "")
        self.get("status page", status)

    def _link_for(self, email: str) -> str:
        began = time.perf_counter()
        while not (link := POST.link_for(email)) and time.perf_counter() - began < MAIL_SECONDS:
            time.sleep(0.2)
        self.environment.events.request.fire(
            request_type="MAIL",
            name=MAIL,
            response_time=(time.perf_counter() - began) * 1000,
            response_length=0,
            response=None,
            context={},
            exception=None if link else TimeoutError(f"no mail in {MAIL_SECONDS} s"),
        )
        if link is None:
            raise RescheduleTask
        return link


class Producer(Person):
    """Sees what there is to do, approves, shares, and takes the share back."""

    fixed_count = len(PLAN["producers"])

    def on_start(self) -> None:
        self.account = next(_producers)

    @task
    def work(self) -> None:
        self.sign_in(self.account)
        self.get("dashboard", "/producer/")
        self.get("dashboard's figures", "/producer/figures/")
        queue = self.get("queue", "/producer/requests/")
        if found := re.findall(r'data-request="(\d+)" data-state="open"', queue):
            path = f"/producer/requests/{random.choice(found)}/decision/"
            self.post("approve", path, decision="approve")
            self.get("queue", "/producer/requests/")
        self.get("image list", "/producer/images/")
        image = f"/producer/images/{random.choice(self.account['images'])}/"
        self.get("image", image)
        project_id = uuid.uuid4().hex
        email = f"{project_id[:8]}@load.example"
        self.post("share", f"{image}members/", project_id=project_id, email=email, note="Yours.")
        self.get("image", image)
        self.post("remove", f"{image}members/{project_id}/remove/")
        self.get("ledger", "/producer/shares/")
        self.get("mail", "/producer/mail/")
        self.get("history", "/producer/history/")
        self.post("sign out", "/sign-out/")


class Consumer(Person):
    """Opens the inbox, answers on a share's page, and changes an earlier answer."""

    fixed_count = len(PLAN["consumers"])

    def on_start(self) -> None:
        self.account = next(_consumers)

    @task
    def decide(self) -> None:
        self.sign_in(self.account)
        share = f"/shares/{one_of('data-image', self.get('inbox', '/inbox/'))}/"
        self.get("share's page", share)
        answer = random.choice(("accepted", "rejected"))
        self.post("answer", f"{share}status/", status=answer)
        self.get("share's page", share)
        drawer = self.get("inbox", f"/inbox/?status={answer}")
        image_id = one_of("data-image", drawer)
        self.post("answer, in the inbox", "/inbox/", image=image_id, status="pending")
        self.get("my requests", "/inbox/requests/")
        self.post("sign out", "/sign-out/")


def one_of(mark: str, page: str) -> str:
    found: list[str] = re.findall(f'{mark}="([^"]+)"', page)
    return random.choice(found)


_took: dict[str, list[float]] = defaultdict(list)
_answers: dict[str, Counter[str]] = defaultdict(Counter)


@events.request.add_listener
def note(name: str, response_time: float, exception: object, **_more: Any) -> None:
    _took[name].append(response_time)
    _answers[name][str(exception) if exception else FINE] += 1


@events.spawning_complete.add_listener
def begin_to_measure(**_more: Any) -> None:
    """All are there. That they came at once, each to sign in, is over; what went wrong stays."""
    _took.clear()


@events.user_error.add_listener
def note_error(user_instance: Person, exception: Exception, **_more: Any) -> None:
    """Such as a page on which what was looked for is not."""
    _answers[type(user_instance).__name__][repr(exception)] += 1


@events.quitting.add_listener
def write_down(**_more: Any) -> None:
    figures = {name: {"ms": _took[name], "answers": count} for name, count in _answers.items()}
    Path(os.environ["LOAD_FIGURES"]).write_text(json.dumps(figures))
