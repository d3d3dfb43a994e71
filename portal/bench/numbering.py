"""Whose the listings of a number are: for who writes them, and who writes their images."""

from __future__ import annotations

import uuid

PRODUCERS = 150


def listed_image(number: int) -> str:
    return str(uuid.UUID(int=number, version=4))


def listed_by(number: int) -> str:
    """The project's ID."""
    return f"{number % PRODUCERS:032x}"
