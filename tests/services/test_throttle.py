from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from sharing.models import Attempt
from sharing.services import throttle

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def hit(key: str = "a", kind: str = "k") -> int:
    return throttle.hit(kind=kind, key=key, limit=3, window=HOUR)


def test_up_to_the_limit_there_is_no_wait() -> None:
    assert [hit() for _ in range(3)] == [0, 0, 0]
    assert 3595 <= hit() <= 3600


def test_keys_and_kinds_count_for_themselves() -> None:
    for _ in range(3):
        hit()
    assert hit(key="b") == hit(kind="other") == 0


def test_upper_case_is_no_other_key() -> None:
    for key in ("ada", "ADA", "Ada"):
        hit(key)
    assert hit("aDa") > 0


def test_trying_on_does_not_lengthen_the_wait() -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        for _ in range(3):
            hit()
    with time_machine.travel(start + timedelta(minutes=59), tick=False):
        assert hit() == 60
    with time_machine.travel(start + HOUR, tick=False):
        assert hit() == 0


def test_the_wait_is_until_there_is_room() -> None:
    start = timezone.now()
    for minutes in (0, 20, 40):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            hit()
    with time_machine.travel(start + timedelta(minutes=50), tick=False):
        assert hit() == 600


def test_what_is_forgiven_does_not_count() -> None:
    for _ in range(9):
        assert hit() == 0
        throttle.forgive(kind="k", key="a")


def test_forgiving_nothing_is_fine() -> None:
    throttle.forgive(kind="k", key="a")
    assert not Attempt.objects.exists()


def test_old_attempts_are_thrown_away() -> None:
    with time_machine.travel(timezone.now() - timedelta(hours=2), tick=False):
        hit()
    hit()
    assert Attempt.objects.count() == 1


def test_neither_addresses_nor_names_are_kept() -> None:
    hit("ada@Default")
    [attempt] = Attempt.objects.all()
    assert "ada" not in attempt.key
    assert len(attempt.key) == 64


def test_what_no_longer_counts_is_not_kept_of_anybody() -> None:
    throttle.hit(kind="test", key="once", limit=1, window=timedelta(minutes=5))
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        throttle.hit(kind="test", key="another", limit=1, window=timedelta(minutes=5))
    assert Attempt.objects.count() == 1
