"""Reads the settings from the environment; what is wrong or missing is named, all at once."""

from __future__ import annotations

import ipaddress
import re
from datetime import timedelta
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Environment:
    """The environment's variables, read by name; ``check`` raises with every fault found."""

    def __init__(self) -> None:
        self.env = environ.Env()
        self.faults: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        return str(self.env.str(name, default=default)).strip()

    def required(self, name: str, why: str) -> str:
        value = self.text(name)
        if not value:
            self.faults.append(f"{name} is missing: {why}")
        return value

    def flag(self, name: str) -> bool:
        value = self.text(name, "off").lower()
        if value not in {"1", "0", "on", "off", "true", "false", "yes", "no"}:
            self.faults.append(f"{name} is {value!r}: say on or off")
        return value in {"1", "on", "true", "yes"}

    def words(self, name: str) -> list[str]:
        return [word.strip() for word in self.text(name).split(",") if word.strip()]

    def networks(self, name: str) -> list[Network]:
        """Addresses and networks, such as ``192.0.2.7, 10.0.0.0/8, ::1``."""
        found: list[Network] = []
        for word in self.words(name):
            try:
                found.append(ipaddress.ip_network(word, strict=False))
            except ValueError:
                self.faults.append(f"{name}: {word!r} is no address and no network")
        return found

    def choice(self, name: str, *choices: str) -> str:
        """The first is the default."""
        value = self.text(name, choices[0])
        if value not in choices:
            self.faults.append(f"{name} is {value!r}: it must be {' or '.join(choices)}")
        return value

    def number(self, name: str, default: int, *, most: int | None = None) -> int:
        value = self.text(name, str(default))
        if not value.isdecimal():
            self.faults.append(f"{name} is {value!r}: it must be a whole number")
            return default
        if most is not None and int(value) > most:
            self.faults.append(f"{name} is {value!r}: it must be {most} at most")
            return default
        return int(value)

    def durations(self, name: str, default: str) -> list[timedelta]:
        """One or several, such as ``30s, 5m, 2h, 1d``."""
        found: list[timedelta] = []
        for word in self.words(name) or default.split(", "):
            parts = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", word)
            if parts:
                found.append(timedelta(**{UNITS[parts[2]]: int(parts[1])}))
            else:
                self.faults.append(f"{name}: {word!r} must be like 30s, 5m, 2h or 1d")
        return found or [timedelta(minutes=1)]

    def duration(self, name: str, default: str) -> timedelta:
        found = self.durations(name, default)
        if len(found) > 1:
            self.faults.append(f"{name} must be one time and not {len(found)}")
        return found[0]

    def named(self, name: str) -> dict[str, str]:
        """``key:value, key:value``; a value may have colons, a key has letters, digits, - and _."""
        found: dict[str, str] = {}
        for word in self.words(name):
            key, _, value = (part.strip() for part in word.partition(":"))
            if not re.fullmatch(r"[A-Za-z0-9_-]+", key) or not value or key in found:
                self.faults.append(f"{name}: {word!r} must be like key:value, each key once")
            found[key] = value
        return found

    def web_address(self, name: str, why: str) -> str:
        """An http(s) address without a trailing slash."""
        value = self.required(name, why).rstrip("/")
        if value and not _is_web_address(value):
            self.faults.append(f"{name} is {value!r}: it must be like https://host or http://host")
            return ""
        return value

    def email_address(self, name: str) -> str:
        """Empty when it is not set."""
        value = self.text(name)
        try:
            if value:
                validate_email(value)
        except ValidationError:
            self.faults.append(f"{name} is {value!r}: it must be an e-mail address")
        return value

    def parsed(self, name: str, kind: str, default: str) -> dict[str, object]:
        """What django-environ makes of a database, cache or e-mail address."""
        value = self.text(name, default)
        try:
            parsed = dict(getattr(self.env, kind)(name, default=default)) if value else {}
        except (ImproperlyConfigured, ValueError, KeyError, AttributeError):
            parsed = {}
        if not any(parsed.get(engine) for engine in ("ENGINE", "BACKEND", "EMAIL_BACKEND")):
            self.faults.append(f"{name} is not an address that this portal knows")
        return parsed

    def check(self) -> None:
        if self.faults:
            raise ImproperlyConfigured("Settings: " + "; ".join(self.faults))


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises for what is no number
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def is_loopback(address: str) -> bool:
    return (urlsplit(address).hostname or "") in LOOPBACK
