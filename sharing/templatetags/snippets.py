"""Words of others inside commands and files that a reader copies: they must stay words there."""

from __future__ import annotations

import json

from django import template

register = template.Library()


@register.filter
def hcl(text: str) -> str:
    """``text`` as a quoted string of Terraform's language, which looks for ``${`` and ``%{`` in
    it: what an image is called must not become a part of somebody's plan."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
