"""The one Django application of Braid."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Models, pages and checks of the web app."""

    name = "braid.web"
    label = "braid"
    default_auto_field = "django.db.models.BigAutoField"
