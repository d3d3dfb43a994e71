"""A producer's belongings."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.urls import reverse

from sharing.cloud.resources import User
from sharing.models import AccessRequest, Listing, Rule
from sharing.services import requests
from tests.conftest import Party
from tests.scenarios.loop import publish

Ask = Callable[..., AccessRequest]


@pytest.fixture
def image_page(image: str) -> str:
    return reverse("producer-image", args=[image])


@pytest.fixture
def listing(producer: Party, image: str) -> Listing:
    return publish(producer, image)


@pytest.fixture
def ask(listing: Listing, consumer: Party) -> Ask:
    """Makes an access request that has reached the producer."""

    def asked(project_id: str = "", message: str = "Please.") -> AccessRequest:
        asker = User(uuid.uuid4().hex, consumer.name)
        return requests.ask(
            listing=listing,
            project_id=project_id or consumer.project.id,
            email="chen@orchard.test",
            message=message,
            by=requests.Requester(address=uuid.uuid4().hex, user=asker),
        )

    return asked


@pytest.fixture
def rule(listing: Listing) -> Rule:
    """It approves verified requests from orchard.test."""
    return Rule.objects.create(listing=listing, is_on=True, allow_domains="orchard.test")
