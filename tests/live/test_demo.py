"""The whole demo: it is filled once, comes back as it was, is made anew where it is damaged, and
ends without leaving anything.
"""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from typing import IO

import pytest
import requests

from portal.demo import story
from portal.demo.processes import ChildDied
from portal.demo.stack import PREPARED, SEEDED, Demo, DemoRefused
from portal.demo.story import ADA, CHEN, DISKS, ELI, GUS, PEOPLE, Person
from portal.demo.visitor import Visitor
from tests.live.processes import comes_true, processes_of

SECONDS = 15.0


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Its folder has a damaged one in it, of which nothing is left then."""
    state = tmp_path_factory.mktemp("demo") / "state"
    (state / "cloud").mkdir(parents=True)
    for name in (PREPARED, SEEDED, "left-behind"):
        (state / name).touch()
    (state / "cloud" / "credentials.json").write_text("{")
    said: list[str] = []
    with Demo(state, is_seeded=True, usual_ports=False, report=said.append) as demo:
        assert any("starting over" in line for line in said)
        assert not (state / "left-behind").exists()
        yield demo


def rows(demo: Demo, query: str) -> set[str]:
    connection = sqlite3.connect(demo.state_dir / "portal.sqlite3")
    try:
        return {row[0] for row in connection.execute(query)}
    finally:
        connection.close()


def member_statuses(demo: Demo) -> set[str]:
    """As Glance has them, of the images of every producer."""
    found = set()
    for owner in {image.owner for image in DISKS}:
        token = demo.cloud.token(owner.name, owner.password, owner.projects[0])
        headers = {"X-Auth-Token": token, "Accept": "application/json"}
        address = f"{demo.cloud.image_url}/v2/images"
        for image in requests.get(address, headers=headers, timeout=SECONDS).json()["images"]:
            members = requests.get(
                f"{address}/{image['id']}/members", headers=headers, timeout=SECONDS
            ).json()["members"]
            found |= {member["status"] for member in members}
    return found


def test_has_shares_in_every_state(demo: Demo) -> None:
    assert member_statuses(demo) == {"pending", "accepted", "rejected"}
    assert rows(demo, "SELECT image_name FROM sharing_share WHERE removed_at IS NOT NULL")


def test_has_a_share_that_ends_a_reminded_one_and_one_that_nobody_answers(demo: Demo) -> None:
    ada = Visitor(demo.base_url)
    ada.sign_in(ADA.name, ADA.password)
    assert "is the project ID right?" in ada.get("/producer/shares/?hint=quiet").words
    assert rows(demo, "SELECT image_name FROM sharing_share WHERE ends_on IS NOT NULL")
    assert rows(demo, "SELECT image_name FROM sharing_share WHERE reminders = 1")


def test_has_requests_in_every_state(demo: Demo) -> None:
    states = {"unconfirmed", "open", "asked", "approved", "declined", "withdrawn"}
    assert rows(demo, "SELECT state FROM sharing_accessrequest") == states


def test_has_published_listings_and_a_draft(demo: Demo) -> None:
    catalogue = Visitor(demo.base_url).get("/")
    assert len(catalogue.marked["data-listing"]) == 5
    assert rows(demo, "SELECT state FROM sharing_listing") == {"published", "draft"}


def test_has_a_list_a_group_and_a_new_version(demo: Demo) -> None:
    assert rows(demo, "SELECT name FROM sharing_group") == {story.EDGE_PARTNERS}
    assert rows(demo, "SELECT state FROM sharing_bulkrow") == {"done", "left_out"}
    successors = {story.ALPINE_NEXT.name, story.UBUNTU.name}
    assert rows(demo, "SELECT new_name FROM sharing_succession") == successors
    assert rows(demo, "SELECT kind FROM sharing_outgoingmail WHERE kind = 'new_version'")


def test_the_mail_arrives_in_the_mailbox_and_on_its_page(demo: Demo) -> None:
    letter = demo.mailbox.wait_for(ELI.email, "rocky", seconds=SECONDS)
    page = Visitor(demo.base_url).get(f"/demo/mailbox/{letter.key}/")
    assert letter.subject in page.words


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
def test_everybody_of_the_story_may_sign_in(person: Person, demo: Demo) -> None:
    visitor = Visitor(demo.base_url)
    visitor.sign_in(person.name, person.password)
    assert visitor.get("/inbox/").url == f"{demo.base_url}/inbox/"


def test_who_has_a_passcode_is_asked_for_it(demo: Demo) -> None:
    visitor = Visitor(demo.base_url)
    visitor.sign_in(GUS.name, GUS.password)
    shown = visitor.get("/demo/passcodes/").words
    assert GUS.passcode_secret in shown
    now = next(word for word in shown.split() if word.isdecimal() and len(word) == 6)
    visitor.post("/sign-in/", passcode=now, next="/inbox/")
    assert visitor.get("/inbox/").url == f"{demo.base_url}/inbox/"


def test_a_second_demo_on_the_same_data_is_refused(demo: Demo) -> None:
    with pytest.raises(DemoRefused, match="running"):
        Demo(demo.state_dir).start()


def test_a_dead_worker_is_noticed(demo: Demo) -> None:
    demo.check()
    demo.worker.stop()
    with pytest.raises(ChildDied, match="db_worker"):
        demo.check()
    demo.worker.start()
    demo.check()


def portal_in(said: IO[str]) -> str:
    """The portal's address, once all is said."""
    lines = []
    for line in said:
        lines.append(line)
        if "Ctrl-C" in line:
            break
    found = re.search(r"Portal +(\S+)/\n", "".join(lines))
    assert found, lines
    return found[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_make_demo_comes_back_as_it_was_and_ends_all_of_it(
    number: signal.Signals, demo: Demo
) -> None:
    images, state = rows(demo, "SELECT image_id FROM sharing_listing"), demo.state_dir
    demo.stop()
    command = [sys.executable, "-m", "portal.demo", "--state", str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            address = portal_in(running.stdout)
            # The portal answers as soon as the first of its two workers is there.
            assert comes_true(lambda: len(processes_of(state)) >= 14)
            assert rows(demo, "SELECT image_id FROM sharing_listing") == images
            visitor = Visitor(address)
            visitor.sign_in(CHEN.name, CHEN.password)
            assert "debian" in visitor.get("/inbox/").words.lower()
            running.send_signal(number)
            code = running.wait(SECONDS)
        finally:
            running.kill()
    assert code == (0 if number == signal.SIGINT else -number)
    assert comes_true(lambda: processes_of(state) == [])
