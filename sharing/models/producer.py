from __future__ import annotations

from django.db import models
from django.urls import reverse


class Producer(models.Model):
    """What a project says of itself as a producer, on a public page."""

    project_id = models.CharField(max_length=64, unique=True)
    # As Keystone had it at the last save: a name of one's own choice stands beside it.
    project_name = models.CharField(max_length=255)
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True, max_length=20_000)
    website = models.URLField(blank=True, max_length=500)
    contact_email = models.EmailField(blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def get_absolute_url(self) -> str:
        return reverse("producer-page", args=[self.slug])
