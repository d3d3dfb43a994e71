from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import canonicalize

import pytest
from django.template import Context, Template
from heroicons.templatetags import heroicons

from sharing.templatetags import icons


@pytest.mark.parametrize("style", ["micro", "mini", "outline"])
@pytest.mark.parametrize("attributes", [{}, {"class": "chevron"}])
def test_they_are_the_packages_own(style: str, attributes: dict[str, Any]) -> None:
    tag = f"heroicon_{style}"
    for name in ("check", "inbox", "exclamation-triangle"):
        ours, theirs = (getattr(where, tag)(name, **attributes) for where in (icons, heroicons))
        assert canonicalize(ours) == canonicalize(theirs)


def test_templates_get_them_without_the_archive_being_opened_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    template = Template('{% load heroicons %}{% heroicon_mini "inbox" class="a<b" %}')
    icons.heroicon_mini("check")
    monkeypatch.delattr(icons, "ZipFile")
    assert 'class="a&lt;b"' in template.render(Context())


def test_one_that_there_is_not_is_noticed() -> None:
    with pytest.raises(KeyError):
        icons.heroicon_micro("no-such-thing")
