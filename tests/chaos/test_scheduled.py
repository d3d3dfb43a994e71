"""The regular commands may run twice, and at once, on both databases."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from portal.demo.processes import Child, stop_all
from tests.chaos.databases import Database, database
from tests.chaos.office import Office

COUNT = 40
TOGETHER = 4
# Of each kind one mail for each thing that is due: of an end to the contact and to the project's
# own reader, and to the producer one list for the day.
MAILS = {"ends_soon": 2 * COUNT, "ends_soon_list": 1, "digest": COUNT, "request_expired": COUNT}
LEFT = {
    "SELECT COUNT(*) FROM sharing_digestitem": 0,
    "SELECT COUNT(*) FROM sharing_bulkjob": 0,
    "SELECT COUNT(*) FROM sharing_mailaddress WHERE ended_at IS NOT NULL": 0,
    "SELECT COUNT(*) FROM sharing_historyentry WHERE verb = 'reminded'": 0,
    "SELECT COUNT(*) FROM sharing_historyentry WHERE verb = 'end_warned'": COUNT,
    "SELECT COUNT(*) FROM sharing_historyentry WHERE verb = 'request_expired'": COUNT,
    "SELECT COUNT(*) FROM sharing_requestevent WHERE kind = 'expired'": COUNT,
    "SELECT COUNT(*) FROM sharing_accessrequest WHERE state = 'expired'": COUNT,
    "SELECT COUNT(*) FROM sharing_listing WHERE stale_since IS NOT NULL": COUNT,
}


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_four_at_once_do_each_thing_once_and_again_none(kind: str, tmp_path: Path) -> None:
    with database(kind, tmp_path) as base:
        office = Office(tmp_path, base, "127.0.0.1:9", seed=1)
        office.manage("migrate", "--verbosity=0")
        office.manage("shell", "-c", f"from tests.chaos.due import prepare; prepare({COUNT})")
        first = do_all(office, tmp_path / "first", TOGETHER)
        assert_all_is_done_once(base)
        again = do_all(office, tmp_path / "again", 1)
        assert_all_is_done_once(base)
    assert first == {
        "shares warned of": COUNT,
        "digests written": COUNT,
        "requests expired": COUNT,
        "listings flagged": COUNT,
        "lists removed": COUNT,
        "addresses forgotten": COUNT,
        "history forgotten": COUNT,
    }
    assert again == {}


def do_all(office: Office, folder: Path, processes: int) -> Counter[str]:
    """What all of them together said that they did."""
    folder.mkdir()
    meeting = {"MEETING_FOLDER": str(folder), "MEETING_OF": str(processes)}
    words = ("shell", "-c", "from tests.chaos.due import do_all; do_all()")
    children: list[Child] = []
    try:
        for number in range(processes):
            child = office.child(f"{folder.name}-{number}", *words, **meeting)
            child.start()
            children.append(child)
        for child in children:
            child.wait()
    finally:
        stop_all(children)
    said = "\n".join(child.log.read_text() for child in children)
    done: Counter[str] = Counter()
    for count, what in re.findall(r"^(?:SAID \w+: )?(\d+) ([a-z ]+)$", said, re.MULTILINE):
        done[what] += int(count)
    return +done


def assert_all_is_done_once(base: Database) -> None:
    kinds = Counter(kind for (kind,) in base.rows("SELECT kind FROM sharing_outgoingmail"))
    assert kinds == MAILS
    twice = 'SELECT kind, "to" FROM sharing_outgoingmail GROUP BY kind, "to" HAVING COUNT(*) > 1'
    assert base.rows(twice) == []
    assert {sql: base.rows(sql)[0][0] for sql in LEFT} == LEFT
