"""An app of Django with a token store: what docs/django.md judges."""
