from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sharing.cloud.resources import Formats, Image, is_custom_property
from sharing.forms.producer import LongTextField

_LARGEST = 2**31 - 1  # what the API's database takes
_LONGEST = 255
_LONGEST_URL = 2000
_DISTRO_HELP = gettext_lazy("debian, ubuntu, rocky …")


class FileField(forms.FileField):
    """Not required by itself, and not optional either: the form says when it is needed."""

    is_one_of_several = True


class AddressField(forms.CharField):
    """A web address that the cloud is to fetch from; like ``FileField``."""

    is_one_of_several = True
    widget = forms.URLInput(attrs={"placeholder": "https://…"})

    def clean(self, value: Any) -> str:
        url: str = super().clean(value)
        if url and not _is_web_address(url):
            raise forms.ValidationError(
                _("An address that starts with http:// or https:// is needed.")
            )
        return url


class ImageForm(forms.Form):
    """What a producer says of an image, new or not."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=_LONGEST)
    os_distro = forms.CharField(
        label=gettext_lazy("System"), max_length=_LONGEST, required=False, help_text=_DISTRO_HELP
    )
    os_version = forms.CharField(
        label=gettext_lazy("Version"),
        max_length=_LONGEST,
        required=False,
        help_text=gettext_lazy("12, 24.04 …"),
    )
    architecture = forms.CharField(
        label=gettext_lazy("Architecture"),
        max_length=_LONGEST,
        required=False,
        help_text=gettext_lazy("x86_64, aarch64 …"),
    )
    min_disk = forms.IntegerField(
        label=gettext_lazy("Minimum disk (GiB)"), min_value=0, max_value=_LARGEST, required=False
    )
    min_ram = forms.IntegerField(
        label=gettext_lazy("Minimum RAM (MiB)"), min_value=0, max_value=_LARGEST, required=False
    )

    def clean_min_disk(self) -> int:
        return self.cleaned_data["min_disk"] or 0

    def clean_min_ram(self) -> int:
        return self.cleaned_data["min_ram"] or 0


class NewImageForm(ImageForm):
    """With the bytes, or where they are. The file is the last field: see ``forms.uploads``."""

    disk_format = forms.ChoiceField(label=gettext_lazy("Disk format"))
    container_format = forms.ChoiceField(label=gettext_lazy("Container format"))
    source = forms.ChoiceField(
        label=gettext_lazy("Where the data are"),
        choices=(
            ("file", gettext_lazy("In a file of mine")),
            ("url", gettext_lazy("At an address: the cloud fetches them itself")),
        ),
        widget=forms.RadioSelect,
        initial="file",
    )
    url = AddressField(label=gettext_lazy("Address (URL)"), max_length=_LONGEST_URL, required=False)
    file = FileField(label=gettext_lazy("File"), required=False, max_length=1000)

    def __init__(self, *args: Any, formats: Formats, can_import: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.can_import = can_import
        for name, values, usual in (
            ("disk_format", formats.disk, "qcow2"),
            ("container_format", formats.container, "bare"),
        ):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = [(value, value) for value in values]
            field.initial = usual

    @property
    def why_no_import(self) -> str:
        return _("This cloud does not fetch images from an address: choose a file.")

    @property
    def comes_later(self) -> bool:
        """The page's script makes the image first and sends the file by itself."""
        return self.data.get("file_follows") == "yes"

    def clean(self) -> None:
        source, url = self.cleaned_data.get("source"), self.cleaned_data.get("url", "")
        if source == "url" and not self.can_import:
            self.add_error("source", self.why_no_import)
        elif source == "url" and not url and "url" not in self.errors:
            self.add_error("url", _("Write the address of the image’s data."))
        no_file = not self.cleaned_data.get("file") and "file" not in self.errors
        if source == "file" and no_file and not self.comes_later:
            self.add_error("file", _("Choose the file with the image’s data."))
        if source == "file" and "url" in self.errors:
            del self.errors["url"]  # not asked for

    @property
    def facts(self) -> dict[str, Any]:
        """By the API's names; what was left empty is left out."""
        names = ("name", "disk_format", "container_format", "min_disk", "min_ram")
        facts = {name: self.cleaned_data[name] for name in names}
        system = ("os_distro", "os_version", "architecture")
        return facts | {n: self.cleaned_data[n] for n in system if self.cleaned_data[n]}


class DataForm(forms.Form):
    """The file for an image that has no data yet."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        max_length=1000,
        error_messages={
            "required": gettext_lazy("Choose the file with the image’s data."),
            "empty": gettext_lazy("There is nothing in this file: choose another one."),
        },
    )


class FetchForm(forms.Form):
    """Where the cloud is to fetch the data of an image that has none."""

    url = AddressField(label=gettext_lazy("Address (URL)"), max_length=_LONGEST_URL)


class EditForm(ImageForm):
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        max_length=5000,
        required=False,
        help_text=gettext_lazy("With commas between them: base, gpu, lts"),
    )
    properties = LongTextField(
        rows=6,
        label=gettext_lazy("Custom properties"),
        max_length=100_000,
        required=False,
        help_text=gettext_lazy("One on a line: hw_disk_bus=scsi"),
    )
    protected = forms.BooleanField(
        label=gettext_lazy("Protected: cannot be deleted"), required=False
    )
    os_hidden = forms.BooleanField(
        label=gettext_lazy("Hidden: left out of image lists; works by its ID as before"),
        required=False,
    )

    def clean_tags(self) -> list[str]:
        given = (tag.strip() for tag in self.cleaned_data["tags"].split(","))
        tags = list(dict.fromkeys(tag for tag in given if tag))
        if any(len(tag) > _LONGEST for tag in tags):
            raise forms.ValidationError(_("A tag has at most %(n)d characters.") % {"n": _LONGEST})
        return tags

    def clean_properties(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in filter(str.strip, self.cleaned_data["properties"].splitlines()):
            name, equals, value = line.partition("=")
            name = name.strip()
            if not (equals and name) or len(name) > _LONGEST:
                raise forms.ValidationError(
                    _("“%(line)s” is no property: write name=value.") % {"line": line[:80]}
                )
            if not is_custom_property(name) or name in found:
                raise forms.ValidationError(
                    _("“%(name)s” stands here twice, has its own field, or is the cloud’s to set.")
                    % {"name": name}
                )
            found[name] = value.strip()
        return found

    def properties_of(self, image: Image) -> dict[str, str]:
        """As they are to be; those that no line of the form can show stay as they are."""
        unseen = {k: v for k, v in image.properties.items() if not v.isprintable()}
        return {**unseen, **self.cleaned_data["properties"]}

    @classmethod
    def initial_of(cls, image: Image) -> dict[str, Any]:
        same = ("name", "os_distro", "os_version", "architecture", "min_disk", "min_ram")
        shown = sorted((k, v) for k, v in image.properties.items() if v.isprintable())
        lines = (f"{name}={value}" for name, value in shown)
        return {name: getattr(image, name) for name in same} | {
            "tags": ", ".join(sorted(image.tags)),
            "properties": "\n".join(lines),
            "protected": image.is_protected,
            "os_hidden": image.is_hidden,
        }


class DeleteForm(forms.Form):
    confirm = forms.CharField(
        label=gettext_lazy("The image’s name, to confirm"),
        max_length=_LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    notify = forms.BooleanField(label=gettext_lazy("Tell them by mail"), required=False)

    def __init__(self, *args: Any, name: str, is_shared: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name = name
        # Who has lost the image already, with its visibility, need not hear of it again.
        self.fields["notify"].initial = is_shared

    def clean_confirm(self) -> str:
        typed: str = self.cleaned_data["confirm"]
        if typed != self._name:
            raise forms.ValidationError(_("This is not the image’s name."))
        return typed


def _is_web_address(url: str) -> bool:
    if any(char.isspace() or not char.isprintable() for char in url):
        return False  # readers of addresses do not agree on what such a one says
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
