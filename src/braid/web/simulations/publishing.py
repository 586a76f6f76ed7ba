"""From a network of a run to what pages show of it. Runs as the owner of the tables."""

from collections.abc import Sequence

from django.db import transaction

from braid.language.documents import check_faults, fingerprint, write
from braid.simulation.faults import faults
from braid.simulation.model import Network
from braid.web.models import SimulationNetwork
from braid.web.published import take_turn
from braid.web.watch import known_asker

NETWORK_LOCK = 7_303_007


def publish_network(network: Network, run_id: str, findings: Sequence[str] = ()) -> bool:
    """Show the network of a run from now on; return whether it was not shown before.

    Whoever waits in it stands in bands already: the pages show it to whoever may simulate, as it is. `findings` say in
    words what did not add up when it was made. Networks before it that nobody asked anything of are deleted. Raises
    `DocumentInvalid` with everything that is wrong with the network.
    """
    check_faults("network", faults(network))
    known = fingerprint(network)
    with known_asker(), transaction.atomic():
        take_turn(NETWORK_LOCK)
        if SimulationNetwork.objects.filter(run_id=run_id, fingerprint=known).exists():
            return False
        row = SimulationNetwork.objects.create(
            run_id=run_id,
            name=network.name,
            start_date=network.start,
            weeks=network.weeks,
            document=write(network),
            fingerprint=known,
            findings=list(findings),
        )
        SimulationNetwork.objects.filter(questions__isnull=True).exclude(pk=row.pk).delete()
    return True
