"""From a run to the network that pages simulate: posed from its waits, in bands, counts rounded, nobody in it."""

import datetime as dt
import logging
from contextlib import closing

from braid.language.documents import DocumentInvalid
from braid.pipeline import open_run
from braid.simulation.calibration import TABLES, banded, default_rules, pose
from braid.simulation.consistency import IN_SHORT
from braid.store.lake import Run
from braid.store.place_folder import Place
from braid.web.models import SimulationNetwork
from braid.web.simulations.publishing import publish_network
from braid.web.watch import known_asker

WEEKS = 156
"""How far a network looks ahead unless somebody asks otherwise: three years."""
log = logging.getLogger(__name__)


def show_network(run: Run, place: Place) -> bool:
    """Show the network of a run unless pages show it; return whether it was not shown before.

    A run that is older than one of the tables shows none; one that makes no sound network is named in the log: a
    night's publication does not wait for it.
    """
    if not all(run.table(name).is_file() for name in TABLES):
        return False
    with known_asker():
        if SimulationNetwork.objects.filter(run_id=run.id).exists():
            return False
    as_of = dt.date.fromisoformat(run.manifest["as_of"])
    try:
        with closing(open_run(run, names=TABLES)) as tables:
            posed = pose(tables, as_of, WEEKS, default_rules(), name=place.name)
        network = banded(posed.network, rate_weeks=posed.window_weeks)
        titles = {service.id: service.title for service in network.services}
        findings = [f"{titles[one.service]}: {IN_SHORT[one.rule]}" for one in posed.findings if one.service in titles]
        return publish_network(network, run.id, findings)
    except (DocumentInvalid, ValueError) as error:
        log.error("the network of the run is not shown: %s; see it with: braid simulate PLACE", type(error).__name__)
        return False
