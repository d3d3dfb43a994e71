from __future__ import annotations

import pytest

from tests.conftest import PASSWORD
from tests.fake.cloud import FakeCloud


@pytest.fixture
def ada(fake: FakeCloud) -> str:
    """A user of one project; the project's ID."""
    home = fake.project("acme-images")
    fake.user("ada", PASSWORD, projects=[home])
    return home.id
