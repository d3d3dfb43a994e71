from __future__ import annotations

from django import forms

from sharing.cloud.resources import STATUSES
from sharing.services.ledger import HINTS, SORTS, Question

_LONGEST = 200  # of what is typed; more is cut off


class LedgerForm(forms.Form):
    """The ledger's filters, from an address that anyone may have made up."""

    q = forms.CharField(required=False)
    status = forms.CharField(required=False)
    hint = forms.CharField(required=False)
    image = forms.CharField(required=False)
    sort = forms.CharField(required=False)

    def question(self) -> Question:
        """What can be understood of it; a value that makes no sense counts as not given."""
        self.is_valid()
        given = {name: str(self.cleaned_data.get(name, "")) for name in self.fields}
        known = {"status": STATUSES, "hint": HINTS, "sort": (*SORTS, *(f"-{one}" for one in SORTS))}
        for name, values in known.items():
            if given[name] not in values:
                given[name] = ""
        return Question(**given | {"q": given["q"][:_LONGEST], "sort": given["sort"] or "image"})
