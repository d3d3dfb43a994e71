from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Tag(models.Model):
    name = models.CharField(max_length=40, unique=True)


class Listing(models.Model):
    """An image's entry in the public catalogue, with its own copy of the image's facts.

    A visitor has no token to ask the Image API with; the copy is taken when the listing is
    published and refreshed whenever the producer looks (``facts_at``). Of an image's members and
    their statuses nothing is kept.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    slug = models.SlugField(max_length=80, unique=True)
    image_id = models.CharField(max_length=36, unique=True)
    region = models.CharField(max_length=255, blank=True)
    project_id = models.CharField(max_length=64, db_index=True)
    producer_name = models.CharField(max_length=255)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    unavailable_since = models.DateTimeField(null=True, blank=True)
    # 1 while anyone may see it (is_published), else 0; the database itself writes it. One number
    # that both databases find in an index, and read the rest of the index in its order.
    shown = models.GeneratedField(
        expression=models.Case(
            models.When(state="published", unavailable_since=None, then=1), default=0
        ),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )

    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=300, blank=True)
    # What the search looks in: written with every save of the listing (services.catalogue). It is
    # short enough to stand in an index, PostgreSQL's too.
    search_text = models.CharField(max_length=600, blank=True, editable=False)
    description = models.TextField(blank=True, max_length=20_000)
    contact_email = models.EmailField()
    terms = models.TextField(blank=True, max_length=20_000)
    # Within how many days a request is usually answered.
    answer_days = models.PositiveSmallIntegerField(null=True, blank=True)
    tags = models.ManyToManyField(Tag, related_name="listings", blank=True)

    # The image's facts, copied. Sizes: bytes, GiB (disk), MiB (RAM).
    image_name = models.CharField(max_length=255, blank=True)
    size = models.BigIntegerField(null=True, blank=True)
    disk_format = models.CharField(max_length=20, blank=True)
    container_format = models.CharField(max_length=20, blank=True)
    min_disk = models.PositiveIntegerField(default=0)
    min_ram = models.PositiveIntegerField(default=0)
    checksum = models.CharField(max_length=64, blank=True)
    hash_algorithm = models.CharField(max_length=64, blank=True)
    hash_value = models.CharField(max_length=128, blank=True)
    os_distro = models.CharField(max_length=255, blank=True)
    os_version = models.CharField(max_length=255, blank=True)
    architecture = models.CharField(max_length=255, blank=True)
    image_created_at = models.DateTimeField(null=True, blank=True)
    image_updated_at = models.DateTimeField(null=True, blank=True)
    facts_at = models.DateTimeField(null=True, blank=True)
    # Since when it has been said that nobody looked at the image for long.
    stale_since = models.DateTimeField(null=True, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        # Each page and each filter of the catalogue reads one of these, in its order. SQLite takes
        # the last of several that would do: the slim one, when only to count.
        indexes = (
            models.Index(
                fields=["shown", "published_at", "search_text"],
                name="listing_search",
            ),
            models.Index(
                fields=["shown", "os_distro", "published_at"],
                name="listing_os",
            ),
            models.Index(
                fields=["shown", "architecture", "published_at"],
                name="listing_architecture",
            ),
            models.Index(
                fields=["shown", "disk_format", "published_at"],
                name="listing_format",
            ),
            models.Index(
                fields=["shown", "producer_name", "published_at"],
                name="listing_producer",
            ),
            models.Index(fields=["shown", "updated_at"], name="listing_changed"),
            models.Index(fields=["shown", "published_at"], name="listing_newest"),
        )

    def get_absolute_url(self) -> str:
        return reverse("listing", args=[self.slug])

    @property
    def tag_names(self) -> list[str]:
        return [tag.name for tag in self.tags.all()]

    @property
    def is_published(self) -> bool:
        """Whether anyone may see it. An image that is gone is never published."""
        return self.state == self.State.PUBLISHED and self.unavailable_since is None

    @property
    def is_withdrawn(self) -> bool:
        return self.state == self.State.WITHDRAWN

    @property
    def is_unavailable(self) -> bool:
        return self.unavailable_since is not None

    @property
    def shown_state(self) -> str:
        """The state as a word for people: unavailable outranks the rest."""
        return "unavailable" if self.is_unavailable else self.state
