"""Every regular job has a command, a timer and a line for cron, and may run at any time."""

import re
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from sharing import schedule
from tests.chaos.due import COMMANDS
from tests.postbox import work

pytestmark = pytest.mark.django_db
DOCS = Path(__file__).parent.parent / "docs"
JOBS = set(COMMANDS)


def waiting() -> list[str]:
    jobs = DBTaskResult.objects.filter(status="READY").values_list("task_path", flat=True)
    return sorted(path.rpartition(".")[2] for path in jobs)


def test_the_worker_does_each_and_asks_for_it_again() -> None:
    schedule.ensure()
    assert waiting() == sorted(JOBS)
    DBTaskResult.objects.update(run_after=timezone.now() - timedelta(seconds=1))
    work()
    assert DBTaskResult.objects.filter(status="SUCCESSFUL").count() == len(JOBS)
    assert waiting() == sorted(JOBS)


@pytest.mark.parametrize("name", sorted(JOBS))
def test_each_is_a_command_that_finds_nothing_to_do(name: str) -> None:
    assert get_commands()[name] == "sharing"
    said = StringIO()
    call_command(name, stdout=said)
    assert said.getvalue()
    assert re.sub(r"^0 [a-z ]+\n", "", said.getvalue(), flags=re.MULTILINE) == ""


def test_each_has_a_timer_and_a_line_for_cron() -> None:
    text = (DOCS / "deploy.md").read_text()
    timers = " ".join(re.findall(r"portal-(?:hourly|daily)@\{([a-z_,]+)\}\.timer", text))
    assert set(re.split("[ ,]", timers)) == JOBS
    assert set(re.findall(r"^[\d* ]+cd .* manage\.py (\w+)$", text, re.MULTILINE)) == JOBS
    retention = (DOCS / "retention.md").read_text()
    assert all(f"\n| `{name}` |" in retention for name in JOBS)
