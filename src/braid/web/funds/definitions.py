"""The funds that the pages know: those of the place's `funds.toml`, read at each start."""

from collections.abc import Mapping

from braid.place.money.funds import Fund, load_funds
from braid.store.place_folder import Place
from braid.web.served_place import of_served_place, served_bodies


@of_served_place
def funds(place: Place | None) -> Mapping[str, Fund]:
    """Return the funds of the place by id; none where nobody said which place. Raises `RulesInvalid` with its
    faults."""
    return {fund.id: fund for fund in load_funds(place, list(served_bodies().values()))} if place else {}


def body_names() -> Mapping[str, str]:
    """Return the names of the bodies of the place by id."""
    return {body.id: body.name for body in served_bodies().values()}
