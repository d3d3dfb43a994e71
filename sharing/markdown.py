"""Markdown, as people write it, to HTML that is safe to show.

Two locks: the parser knows no raw HTML, and what it gives is cleaned by an allow-list all the same.
"""

from __future__ import annotations

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_PARSER.disable(["image", "html_block", "html_inline"])
_WITHOUT_TABLES = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
_WITHOUT_TABLES.disable(["image", "html_block", "html_inline"])
_TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code"),
    *("em", "strong", "s", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_FIRST, _DEEPEST = 3, 6
# The parser fills each row of a table up to its widest: a few letters could become a huge page.
_WIDEST_TABLE = 40


def to_html(text: str) -> SafeString:
    """HTML of ``text``: no images, no raw HTML, links only to http, https and mailto.

    Headings start at ``h3``: the page that shows them has an ``h1`` and an ``h2`` above.
    """
    is_too_wide = any(line.count("|") > _WIDEST_TABLE for line in text.splitlines())
    tokens = (_WITHOUT_TABLES if is_too_wide else _PARSER).parse(text)
    _set_headings(tokens)
    _drop_empty_table_heads(tokens)
    html = nh3.clean(
        _PARSER.renderer.render(tokens, _PARSER.options, {}),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="nofollow ugc noopener",
    )
    return mark_safe(html)  # noqa: S308 - cleaned just above


def _set_headings(tokens: list[Token]) -> None:
    """From ``h3`` on, and no level left out on the way down, whatever the writer counted."""
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    ranks = sorted({token.tag for token in headings})
    level = _FIRST - 1
    for opening, closing in zip(headings[::2], headings[1::2], strict=True):
        level = min(_FIRST + ranks.index(opening.tag), level + 1, _DEEPEST)
        opening.tag = closing.tag = f"h{level}"


def _drop_empty_table_heads(tokens: list[Token]) -> None:
    """A heading cell without words is read out as a heading of nothing: it is an ordinary cell."""
    for opening, inline, closing in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if opening.type == "th_open" and not inline.content:
            opening.tag = closing.tag = "td"
