"""The producer's desk on the real Keystone and Image API."""

from __future__ import annotations

import uuid

import requests

from tests.live.conftest import Actor
from tests.live.test_loop import Enter, enter, new_image
from tests.scenarios import desk

__all__ = ["enter"]


def test_answers_reach_the_producer(enter: Enter, producer: Actor, consumer: Actor) -> None:
    image_id = new_image(producer)
    desk.answers_reach_the_producer(enter(producer), enter(consumer), image_id)


def test_a_rule_approves_at_a_visit(enter: Enter, producer: Actor, consumer: Actor) -> None:
    image_id = new_image(producer)
    desk.a_rule_approves_at_a_visit(enter(producer), enter(consumer), image_id)


def test_one_row_of_many_fails(enter: Enter, producer: Actor, consumer: Actor) -> None:
    images = new_image(producer), new_image(producer)
    desk.one_row_of_many_fails(enter(producer), enter(consumer), *images)


def test_a_member_edits_the_profile_and_a_reader_does_not(enter: Enter, producer: Actor) -> None:
    name = f"rita-{uuid.uuid4().hex[:8]}"
    user_id = producer.cloud.create_user(name, producer.password)
    producer.cloud.grant(user_id, producer.project_id, "reader")
    reader = Actor(
        producer.cloud, name, user_id, producer.password, producer.project, producer.project_id
    )
    desk.a_member_edits_the_profile_and_a_reader_does_not(enter(producer), enter(reader))


def test_the_figures_are_the_image_apis(enter: Enter, producer: Actor, consumer: Actor) -> None:
    image_id = new_image(producer)
    members = f"{producer.cloud.image_url}/v2/images/{image_id}/members"
    headers = {"X-Auth-Token": producer.token()}
    for project_id in (consumer.project_id, uuid.uuid4().hex, uuid.uuid4().hex):
        answer = requests.post(members, json={"member": project_id}, headers=headers, timeout=20)
        assert answer.status_code == 200
    desk.the_figures_are_the_image_apis(enter(producer), enter(consumer), image_id)
