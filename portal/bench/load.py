"""`make test-load`: fifty users at once, for a minute, over the whole workflow.

They come one after the other, and are measured for a minute from when all are there; what goes
wrong counts from the first. They are locust's, in a process and an environment of their own, and
come from addresses of their own in 127.0.1.0/24 (``Address``). The catalogue has ten thousand
listings.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from dataclasses import asdict
from typing import Any

from portal.bench.stage import (
    PROGRAMS,
    Account,
    new_image,
    newcomer,
    publish_many,
    stage,
    token_of,
)
from portal.bench.verdict import Step, faults, slowness, table
from portal.demo.cloud_template import ROOT, child_environment
from portal.demo.processes import run_to_end
from portal.demo.rows import copy_image, write_members
from portal.demo.stack import Demo
from portal.demo.visitor import Visitor

VISITORS, PRODUCERS, CONSUMERS = 30, 10, 10
SECONDS, ARRIVE_SECONDS, TRIES = 60, 25, 3
LISTINGS, IMAGES, SHARES = 10_000, 3, 10
WORD = "harbour"


def main() -> int:
    with stage(print) as demo:
        print("Ten thousand listings, ten producers, ten consumers")
        plan = _plan(demo)
        for _ in range(TRIES):
            steps = _run(demo, plan)
            print(table(steps))
            wrong, slow = faults(steps), slowness(steps)
            if wrong or not slow:
                break
            print(*slow, f"(load {os.getloadavg()[0]:.1f}: the machine may be busy otherwise)")
    count = sum(len(step.ms) for step in steps.values())
    print(*(wrong + slow or [f"{count} steps, all as they should be."]), sep="\n")
    return 1 if wrong or slow else 0


def _plan(demo: Demo) -> dict[str, Any]:
    """What the users need to know."""
    publish_many(demo, LISTINGS)
    consumers = [newcomer(demo, f"consumer-{number}") for number in range(CONSUMERS)]
    producers = [_producer(demo, number) for number in range(PRODUCERS)]
    for consumer in consumers:
        _share_many(demo, producers[0], consumer)
    return {
        "word": WORD,
        "visitors": VISITORS,
        "producers": producers,
        "consumers": [asdict(consumer) for consumer in consumers],
        "mailbox": str(demo.mailbox.folder),
    }


def _producer(demo: Demo, number: int) -> dict[str, Any]:
    """With images in the catalogue."""
    account = newcomer(demo, f"producer-{number}")
    token, browser = token_of(demo, account), Visitor(demo.base_url)
    images = [new_image(demo, token, f"{WORD} {number}-{one}") for one in range(IMAGES)]
    browser.sign_in(account.name, account.password)
    for place, image_id in enumerate(images):
        form = {
            "title": f"{WORD} {number}-{place}",
            "contact_email": f"{account.name}@load.example",
        }
        browser.send(f"/producer/images/{image_id}/listing/", state="published", **form)
    return {**asdict(account), "images": images}


def _share_many(demo: Demo, producer: dict[str, Any], consumer: Account) -> None:
    """Of a project that none of the producers is in."""
    ids = [str(uuid.uuid4()) for _ in range(SHARES)]
    owner = uuid.uuid4().hex
    copy_image(demo.cloud, producer["images"][0], [(one, owner, "shared") for one in ids])
    write_members(demo.cloud, [(one, consumer.project_id, "pending") for one in ids])


def _run(demo: Demo, plan: dict[str, Any]) -> dict[str, Step]:
    given, found = demo.state_dir / "plan.json", demo.state_dir / "figures.json"
    given.write_text(json.dumps(plan))
    users = VISITORS + PRODUCERS + CONSUMERS
    options = {
        "locustfile": ROOT / "portal" / "bench" / "users.py",
        "host": demo.base_url,
        "users": users,
        "spawn-rate": users // ARRIVE_SECONDS,
        "run-time": f"{SECONDS + ARRIVE_SECONDS}s",
        "exit-code-on-error": 0,
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    paths = {"LOAD_PLAN": str(given), "LOAD_FIGURES": str(found), "PYTHONPATH": str(ROOT)}
    print(f"{users} users, for {SECONDS} seconds")
    run_to_end(
        [str(PROGRAMS / "locust"), "--headless", "--only-summary", *words],
        env=child_environment() | paths,
        log=demo.state_dir / "logs" / "locust.log",
    )
    return {name: Step(**step) for name, step in json.loads(found.read_text()).items()}


if __name__ == "__main__":
    sys.exit(main())
