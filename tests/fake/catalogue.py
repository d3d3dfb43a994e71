"""The services of a scoped token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from . import keystone


def catalogue(image_urls: Mapping[str, str]) -> list[dict[str, Any]]:
    """Keystone, and the Image API with three interfaces in every region."""
    identity = [{"interface": "public", "region_id": "RegionOne", "url": keystone.URL}]
    image = [
        {"interface": interface, "region_id": region, "url": _inside(url, interface)}
        for region, url in image_urls.items()
        for interface in ("admin", "internal", "public")
    ]
    return [
        {"type": "identity", "name": "keystone", "endpoints": identity},
        {"type": "image", "name": "glance", "endpoints": image},
    ]


def _inside(url: str, interface: str) -> str:
    """An address for the other interfaces, where nobody answers."""
    host = urlsplit(url).netloc
    return url if interface == "public" else url.replace(host, f"{interface}.{host}")
