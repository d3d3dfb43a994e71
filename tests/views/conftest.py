from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from sharing.models import MailAddress
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.preferences import an_address
from tests.websso import CHOICES, MAPPING, begin


@pytest.fixture
def ada(fake: FakeCloud) -> str:
    """A user of one project; the project's ID."""
    home = fake.project("acme-images")
    fake.user("ada", PASSWORD, projects=[home])
    return home.id


@pytest.fixture
def websso(settings: Settings) -> None:
    """The operator has switched it on, with two choices."""
    settings.WEBSSO_CHOICES = CHOICES
    settings.WEBSSO_IDP_MAPPING = MAPPING


@pytest.fixture
def websso_token(fake: FakeCloud) -> str:
    """What Keystone sends for fay, who is in two projects."""
    homes = [fake.project("aardvark"), fake.project("zebra")]
    return fake.keystone.websso_token(fake.user("fay", projects=homes).id)


@pytest.fixture
def gone(websso: None, db: None) -> Client:
    """The browser of one who went to the company's sign-in."""
    browser = Client()
    assert begin(browser).status_code == 200
    return browser


@pytest.fixture
def image(fake: FakeCloud, producer: Party) -> str:
    """The ID of a shared image of the producer's."""
    return fake.image(producer.project, name="debian-12", os_distro="debian", os_version="12")


@pytest.fixture
def team(consumer: Party) -> MailAddress:
    """The confirmed address of the consumer's project."""
    return an_address(consumer.project.id)
