"""A place's own run as a network: who waits today, who comes, who is served, who leaves, and how surely it is known.

`pose` makes the network and says what does not add up in it; `network_text` writes it so that nobody is alone in it.
"""

from braid.simulation.calibration.banding import banded, network_text
from braid.simulation.calibration.pose import Posed, open_by_kind, pose
from braid.simulation.calibration.queues import BandedCount
from braid.simulation.calibration.rules import Rules, default_rules, read_rules
from braid.simulation.calibration.tables import TABLES

__all__ = [
    "TABLES",
    "BandedCount",
    "Posed",
    "Rules",
    "banded",
    "default_rules",
    "network_text",
    "open_by_kind",
    "pose",
    "read_rules",
]
