from __future__ import annotations

from django import forms


class FeedForm(forms.Form):
    """``project``: the one that the page was for; ``instead_of``: the address it showed, if any."""

    project = forms.CharField()
    instead_of = forms.IntegerField(required=False)
