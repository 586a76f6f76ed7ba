"""Pages of an upgraded place, asked for by accounts that the earlier version made. Import once Django is set up."""

from django.test import Client

from braid.web.models import User
from braid.web.pages_role import seeing_as_pages

ASKED = {
    "demo-analyst": ("/", "/backlogs/", "/feeds/", "/problems/"),
    "demo-placement-officer": ("/people/", "/work-list/", "/meetings/", "/cases/"),
    "demo-ig-lead": ("/audit/log/", "/audit/", "/status/", "/rights/"),
}
"""What each account of the demo opens: what is published, what was written by humans, what was recorded."""


def ask_pages() -> dict[str, int]:
    """Return the status of each page."""
    found = {}
    for username, addresses in ASKED.items():
        user = User.objects.get(username=username)
        client = Client(HTTP_HOST="127.0.0.1", raise_request_exception=False)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        with seeing_as_pages():
            client.post("/reason/", {"purpose": "school_from_ta", "reference": "MTG-2026-041"})
            for address in addresses:
                found[f"{username} {address}"] = client.get(address).status_code
    return found
