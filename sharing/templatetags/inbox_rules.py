"""The consumer's rules on any page that shows shares: to set one, and to carry them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sharing.models import InboxRule
from sharing.services import inbox_rules
from sharing.templatetags.icons import heroicon_micro
from sharing.templatetags.markup import fill, fill_join

register = template.Library()

_ANY_PROJECT = "0" * 32
_NONE = "none"
_KEY = "inbox_rules"


@register.inclusion_tag("inbox/rules_ran.html", takes_context=True)
def rules_at_work(context: Context) -> dict[str, Any]:
    """Where the rules are carried out by themselves; nothing where there is none, or for someone
    who may only read."""
    has_rules = _can_edit(context) and bool(known_rules(context))
    return {"has_rules": has_rules, "csrf_token": context.get("csrf_token")}


@register.simple_tag(takes_context=True)
def known_rules(context: Context) -> Mapping[str, InboxRule]:
    """Of the signed-in project, by the producer's project: asked for once for a page."""
    request = context.get("request")
    cloud = getattr(request, "cloud", None)
    if cloud is None:
        return {}
    known: dict[str, Mapping[str, InboxRule]] = vars(request)
    if _KEY not in known:
        known[_KEY] = inbox_rules.of_project(cloud.project.id)
    return known[_KEY]


@register.simple_tag(takes_context=True)
def always_buttons(
    context: Context, rules: Mapping[str, InboxRule], producer_id: str, name: str
) -> SafeString:
    """What to do with all that this producer shares. They stand in a form, and send it to an
    address of their own; for who may only read, only the rule there is."""
    rule = rules.get(producer_id)
    said = _said(rule)
    if not _can_edit(context):
        return (
            fill('<p class="remark">{}<span>{}</span></p>', _bolt(), said)
            if rule
            else SafeString("")
        )
    address = _address().replace(_ANY_PROJECT, producer_id)
    return fill(
        '<details class="more small-text">'
        '<summary>{}{}<span class="visually-hidden">: {}</span></summary>'
        '<p class="muted">{}</p><p class="cluster">{}</p></details>',
        _bolt(),
        said or _("Always from this producer…"),
        name or producer_id,
        _("It is carried out when one of your project looks in, and only on what waits."),
        fill_join(
            '<button class="button small" type="submit" name="always" value="{}" formaction="{}">'
            "{}</button>",
            ((value, address, words) for value, words in _choices(rule)),
        ),
    )


def _can_edit(context: Context) -> bool:
    cloud = getattr(context.get("request"), "cloud", None)
    return cloud is not None and cloud.can_edit


def _said(rule: InboxRule | None) -> str:
    if rule is None:
        return ""
    words = {
        InboxRule.Answer.ACCEPTED: _("Your rule: always show what this producer shares"),
        InboxRule.Answer.REJECTED: _("Your rule: always hide what this producer shares"),
    }
    return words[InboxRule.Answer(rule.answer)]


def _choices(rule: InboxRule | None) -> list[tuple[str, str]]:
    words = {
        str(InboxRule.Answer.ACCEPTED): _("Always show"),
        str(InboxRule.Answer.REJECTED): _("Always hide"),
    }
    others = [(value, text) for value, text in words.items() if not rule or value != rule.answer]
    return [*others, (_NONE, _("Ask us each time"))] if rule else others


def _bolt() -> SafeString:
    return heroicon_micro("bolt")


def _address() -> str:
    return reverse("inbox-rule", args=[_ANY_PROJECT])
