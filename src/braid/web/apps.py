"""The one Django application of Braid."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created

from braid.web.prepared import prepare_where_direct
from braid.web.watch import watch_connection


class WebConfig(AppConfig):
    """Models, pages and checks of the web app."""

    name = "braid.web"
    label = "braid"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the watch in front of every connection's statements."""
        connection_created.connect(watch_connection, dispatch_uid="braid watch")
        connection_created.connect(prepare_where_direct, dispatch_uid="braid prepared")
