"""Keystone's rules for several factors: one-time passcodes, and receipts for what was given."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from portal.demo.passcodes import PERIOD_SECONDS, passcode

from .records import FakeReceipt, FakeUser
from .wire import Reply


class FakeFactors:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self.receipts: dict[str, FakeReceipt] = {}
        self.receipt_life = timedelta(minutes=5)
        self._now = now

    def are_enough(self, user: FakeUser, methods: frozenset[str]) -> bool:
        return not user.rules or any(methods >= set(rule) for rule in user.rules)

    def is_passcode(self, user: FakeUser, tried: str) -> bool:
        """The one of now, or the one before."""
        moment = self._now().timestamp()
        near = (moment, moment - PERIOD_SECONDS)
        secret = user.passcode_secret
        return bool(secret) and tried in {passcode(secret, at) for at in near}

    def given(self, receipt_id: str, user: FakeUser) -> frozenset[str] | None:
        """What the receipt is for; None when it has expired or is another user's."""
        receipt = self.receipts.get(receipt_id)
        if receipt is None or receipt.user is not user or receipt.expires_at <= self._now():
            return None
        return receipt.methods

    def receipt(self, user: FakeUser, methods: frozenset[str]) -> Reply:
        """A 401 that is half a success."""
        now = self._now()
        made = FakeReceipt(f"gAAAAAreceipt-{uuid.uuid4().hex}", user, methods, now, now)
        made.expires_at = now + self.receipt_life
        self.receipts[made.id] = made
        domain = {"id": user.domain.lower(), "name": user.domain}
        data = {
            "receipt": {
                "methods": sorted(methods),
                "user": {"id": user.id, "name": user.name, "domain": domain},
                "expires_at": made.expires_at.strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
                "issued_at": made.issued_at.strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
            },
            # In any order: Keystone keeps sets.
            "required_auth_methods": [sorted(rule, reverse=True) for rule in user.rules],
        }
        return Reply(401, data, headers={"Openstack-Auth-Receipt": made.id})
