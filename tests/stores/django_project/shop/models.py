"""The table of the tokens."""

from django.db import models

FIELDS = (
    *("client_id", "client_secret", "refresh_token", "access_token", "grant_token"),
    *("expires_in", "redirect_url", "api_domain"),
)


class Token(models.Model):
    """A record; the id is the one of the contract."""

    id = models.CharField(primary_key=True, max_length=255)
    user_name = models.CharField(max_length=255, null=True, unique=True)
    client_id = models.TextField(null=True)
    client_secret = models.TextField(null=True)
    refresh_token = models.TextField(null=True)
    access_token = models.TextField(null=True)
    grant_token = models.TextField(null=True)
    expires_in = models.CharField(max_length=32, null=True)
    redirect_url = models.TextField(null=True)
    api_domain = models.TextField(null=True)
