"""What organisations are called, for the pages of joint work: as the place writes it, read at each start.

Pages name an organisation where it takes part, which its id would say as well. Nothing that says where somebody is
served is named by this: that goes through publication, which knows when a name would be a district.
"""

from collections.abc import Mapping

from braid.store.place_folder import Place
from braid.web.served_place import of_served_place


def organisation_words(organisation: str) -> str:
    """Return what an organisation is called; its id where the place names none of that id."""
    return _names().get(organisation, organisation)


@of_served_place
def _names(place: Place | None) -> Mapping[str, str]:
    return {one.id: one.name for one in place.organisations} if place else {}
