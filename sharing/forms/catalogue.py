from __future__ import annotations

from django import forms

from sharing.services.catalogue import Search


class SearchForm(forms.Form):
    """The catalogue's filters, from an address that anyone may have made up."""

    q = forms.CharField(required=False, max_length=200)
    os = forms.CharField(required=False)
    architecture = forms.CharField(required=False)
    format = forms.CharField(required=False)
    producer = forms.CharField(required=False)
    tag = forms.CharField(required=False)

    def search(self) -> Search:
        """What can be understood of it; a value that makes no sense counts as not given."""
        self.is_valid()
        return Search(**{name: self.cleaned_data.get(name, "") for name in self.fields})
