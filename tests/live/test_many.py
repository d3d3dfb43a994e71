"""Sharing with many, and a new version, on the real Keystone and Image API."""

from __future__ import annotations

from tests.live.conftest import Actor
from tests.live.test_loop import Enter, enter, new_image
from tests.scenarios.bulk import many_and_a_new_version

__all__ = ["enter"]


def test_many_and_a_new_version(enter: Enter, producer: Actor, consumer: Actor) -> None:
    old, new = new_image(producer), new_image(producer)
    many_and_a_new_version(enter(producer), enter(consumer), old, new)
