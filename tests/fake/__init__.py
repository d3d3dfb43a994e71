"""The fake cloud: ``FakeCloud`` is all that tests need of it."""

from .cloud import FakeCloud

__all__ = ["FakeCloud"]
