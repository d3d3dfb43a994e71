"""The words and shapes of every state, and the names of operating systems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


class Look(NamedTuple):
    """How a state is shown: its word, its shape, its tone (a class of the badge)."""

    word: str | Promise
    icon: str
    tone: str


LOOKS: Mapping[str, Look] = {
    # members
    "pending": Look(gettext_lazy("Waiting"), "clock", "waiting"),
    "accepted": Look(gettext_lazy("Accepted"), "check-circle", "good"),
    "rejected": Look(gettext_lazy("Rejected"), "eye-slash", "quiet"),
    "removed": Look(gettext_lazy("Removed"), "minus-circle", "quiet"),
    # access requests
    "unconfirmed": Look(gettext_lazy("Unconfirmed"), "at-symbol", "quiet"),
    "open": Look(gettext_lazy("Open"), "inbox-arrow-down", "waiting"),
    "asked": Look(gettext_lazy("More asked"), "chat-bubble-left-ellipsis", "waiting"),
    "approved": Look(gettext_lazy("Approved"), "check-circle", "good"),
    "declined": Look(gettext_lazy("Declined"), "no-symbol", "bad"),
    "withdrawn": Look(gettext_lazy("Withdrawn"), "arrow-uturn-left", "quiet"),
    "expired": Look(gettext_lazy("Expired"), "clock", "quiet"),
    # listings
    "draft": Look(gettext_lazy("Draft"), "pencil", "quiet"),
    "published": Look(gettext_lazy("Published"), "globe-alt", "good"),
    "unavailable": Look(gettext_lazy("Unavailable"), "signal-slash", "bad"),
    # mail
    "queued": Look(gettext_lazy("Queued"), "queue-list", "waiting"),
    "sending": Look(gettext_lazy("Sending"), "paper-airplane", "waiting"),
    "sent": Look(gettext_lazy("Sent"), "envelope", "good"),
    "failed": Look(gettext_lazy("Failed"), "exclamation-triangle", "bad"),
    "suppressed": Look(gettext_lazy("Suppressed"), "bell-slash", "quiet"),
    # the lines and rows of a list
    "wrong": Look(gettext_lazy("To correct"), "exclamation-triangle", "bad"),
    "ready": Look(gettext_lazy("Ready"), "check", "good"),
    "left_out": Look(gettext_lazy("Left out"), "minus-circle", "quiet"),
    "waiting": Look(gettext_lazy("Waiting"), "clock", "waiting"),
    "running": Look(gettext_lazy("Running"), "arrow-path", "waiting"),
    "done": Look(gettext_lazy("Done"), "check-circle", "good"),
    # images
    "active": Look(gettext_lazy("Active"), "check", "good"),
    "saving": Look(gettext_lazy("Saving"), "arrow-down-tray", "waiting"),
    "uploading": Look(gettext_lazy("Uploading"), "arrow-up-tray", "waiting"),
    "importing": Look(gettext_lazy("Importing"), "arrow-down-on-square", "waiting"),
    "deactivated": Look(gettext_lazy("Deactivated"), "pause-circle", "bad"),
    "killed": Look(gettext_lazy("Killed"), "x-circle", "bad"),
    "pending_delete": Look(gettext_lazy("Being deleted"), "trash", "bad"),
    "deleted": Look(gettext_lazy("Deleted"), "trash", "bad"),
    # visibility
    "public": Look(gettext_lazy("Public"), "globe-alt", "quiet"),
    "community": Look(gettext_lazy("Community"), "users", "quiet"),
    "shared": Look(gettext_lazy("Shared"), "share", "quiet"),
    "private": Look(gettext_lazy("Private"), "lock-closed", "quiet"),
}

OS_NAMES: Mapping[str, str] = {
    "almalinux": "AlmaLinux",
    "alpine": "Alpine Linux",
    "arch": "Arch Linux",
    "centos": "CentOS",
    "cirros": "CirrOS",
    "debian": "Debian",
    "fedora": "Fedora",
    "fedora-coreos": "Fedora CoreOS",
    "flatcar": "Flatcar",
    "freebsd": "FreeBSD",
    "gentoo": "Gentoo",
    "netbsd": "NetBSD",
    "openbsd": "OpenBSD",
    "opensuse": "openSUSE",
    "oraclelinux": "Oracle Linux",
    "rhel": "RHEL",
    "rocky": "Rocky Linux",
    "sles": "SLES",
    "ubuntu": "Ubuntu",
    "windows": "Windows",
}
