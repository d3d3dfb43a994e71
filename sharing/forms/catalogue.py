from __future__ import annotations

from django import forms

from sharing.services.catalogue import Search

_LONGEST = 200  # of what is typed; more is cut off


class SearchForm(forms.Form):
    """The catalogue's filters, from an address that anyone may have made up."""

    q = forms.CharField(required=False)
    os = forms.CharField(required=False)
    architecture = forms.CharField(required=False)
    format = forms.CharField(required=False)
    producer = forms.CharField(required=False)
    tag = forms.CharField(required=False)

    def search(self) -> Search:
        """What can be understood of it; a value that makes no sense counts as not given."""
        self.is_valid()
        given = {name: self.cleaned_data.get(name, "") for name in self.fields}
        return Search(**given | {"q": given["q"][:_LONGEST]})
