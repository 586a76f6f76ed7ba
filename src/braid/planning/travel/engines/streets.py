"""A network of ways on foot, read from an OpenStreetMap extract with osmium, searched with SciPy's Dijkstra.

A way may be walked if its `highway` is one of `WALKED`, unless `foot` or `access` forbids it; trunk roads only where
`foot` or a pavement allows it; motorways never. One-way streets bind vehicles alone. Only the largest connected part is
kept: who lives beside an island of the drawing still has a way out.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import osmium
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from braid.language.documents import DocumentInvalid
from braid.language.rule_files import Fault
from braid.planning.travel.model import EARTH_METRES, Point

WALKED = frozenset(
    """bridleway corridor cycleway footway living_street path pedestrian primary primary_link residential road
    secondary secondary_link service steps tertiary tertiary_link track unclassified""".split()
)
ALLOWED = frozenset(("yes", "designated", "permissive", "official"))
FORBIDDEN = frozenset(("no", "private", "use_sidepath", "discouraged"))
FARTHEST_DOOR_METRES = 500.0
"""How far a door may be from the nearest drawn way before nothing is said of it."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Streets:
    """Nodes (degrees, one row each: longitude, latitude) and the lengths of what lies between, in metres."""

    nodes: Numbers
    lengths: csr_array
    fingerprint: str
    """SHA-256 of the extract."""
    words: str
    """What it is, as people should read it."""


def may_walk(tags: Mapping[str, str]) -> bool:
    """Return whether a way with these tags may be walked."""
    highway, foot, access = tags.get("highway", ""), tags.get("foot", ""), tags.get("access", "")
    if foot in FORBIDDEN or (access in ("no", "private") and foot not in ALLOWED):
        return False
    if highway in ("trunk", "trunk_link"):
        return foot in ALLOWED or tags.get("sidewalk", "no") in ("yes", "both", "left", "right", "separate")
    return highway in WALKED


def read_streets(path: Path) -> Streets:
    """Return the ways on foot of an extract (.osm, .osm.pbf). Raises `DocumentInvalid`."""
    try:
        fingerprint = hashlib.sha256(path.read_bytes()).hexdigest()
        places, edges = _read(path)
    except (OSError, RuntimeError) as error:
        fault = Fault(path.name, "file", "it is no OpenStreetMap extract", "give a file ending in .osm.pbf or .osm")
        raise DocumentInvalid([fault]) from error
    if not edges:
        fault = Fault(path.name, "file", "it has no way that may be walked", "give an extract of the place")
        raise DocumentInvalid([fault])
    return network(np.array(places), np.array(edges), fingerprint, f"streets of {path.name}")


def _read(path: Path) -> tuple[list[tuple[float, float]], list[tuple[int, int]]]:
    numbers: dict[int, int] = {}
    places: list[tuple[float, float]] = []
    edges: list[tuple[int, int]] = []
    ways = osmium.FileProcessor(str(path)).with_locations().with_filter(osmium.filter.KeyFilter("highway"))
    for way in ways:
        if not isinstance(way, osmium.osm.Way) or not may_walk({tag.k: tag.v for tag in way.tags}):
            continue
        inside = [node for node in way.nodes if node.location.valid()]
        for node in inside:
            if node.ref not in numbers:
                numbers[node.ref] = len(places)
                places.append((node.location.lon, node.location.lat))
        refs = [numbers[node.ref] for node in inside]
        edges += [pair for pair in itertools.pairwise(refs) if pair[0] != pair[1]]
    return places, edges


def network(places: Numbers, edges: NDArray[np.int64], fingerprint: str, words: str) -> Streets:
    """Return the largest connected part of a network of nodes (n, 2) and edges (m, 2)."""
    metres = _metres(places[edges[:, 0]], places[edges[:, 1]])
    lengths = _shortest_of_each_pair(edges, metres, len(places))
    _, part = connected_components(lengths, directed=False)
    kept = np.flatnonzero(part == np.bincount(part).argmax())
    return Streets(places[kept], lengths[kept][:, kept], fingerprint, words)


def _shortest_of_each_pair(edges: NDArray[np.int64], metres: Numbers, nodes: int) -> csr_array:
    """Return a symmetric matrix; of two ways between the same nodes the shorter (a sparse matrix would add them)."""
    ends = np.sort(edges, axis=1)
    order = np.lexsort((metres, ends[:, 1], ends[:, 0]))
    ends, metres = ends[order], np.maximum(metres[order], 1e-3)
    first = np.ones(len(ends), bool)
    first[1:] = (ends[1:] != ends[:-1]).any(axis=1)
    ends, metres = ends[first], metres[first]
    half = csr_array((metres, (ends[:, 0], ends[:, 1])), shape=(nodes, nodes))
    return csr_array(half + half.T)


def _metres(ones: Numbers, others: Numbers) -> Numbers:
    one, other = np.radians(ones), np.radians(others)
    half = (other - one) / 2
    square = np.sin(half[:, 1]) ** 2 + np.cos(one[:, 1]) * np.cos(other[:, 1]) * np.sin(half[:, 0]) ** 2
    found: Numbers = 2 * EARTH_METRES * np.arcsin(np.sqrt(square))
    return found


def walk_metres(
    streets: Streets, origins: Sequence[Point], destinations: Sequence[Point], farthest_metres: float
) -> Numbers:
    """Return the shortest ways on foot (origins, destinations) in metres; infinite where there is none that short.

    A door counts as far from its nearest node as the straight line says.
    """
    from_node, from_door = _snap(streets, origins)
    to_node, to_door = _snap(streets, destinations)
    found = np.full((len(origins), len(destinations)), np.inf)
    for column, (node, door) in enumerate(zip(to_node, to_door, strict=True)):
        if np.isfinite(door):
            ways = dijkstra(streets.lengths, directed=False, indices=node, limit=farthest_metres)
            found[:, column] = ways[from_node] + from_door + door
    found[found > farthest_metres] = np.inf
    return found


def _snap(streets: Streets, points: Sequence[Point]) -> tuple[NDArray[np.int64], Numbers]:
    """Return for each point its nearest node and how far it is, infinite beyond `FARTHEST_DOOR_METRES`."""
    middle = float(np.radians(streets.nodes[:, 1].mean()))
    degree = np.array([np.cos(middle), 1.0]) * np.radians(1.0) * EARTH_METRES
    places = np.array([(point.longitude, point.latitude) for point in points], dtype=float).reshape(-1, 2)
    # On a plane the nearest node is found; how far it is, only the sphere says well enough for a wide extract.
    _, nodes = cKDTree(streets.nodes * degree).query(places * degree)
    far = _metres(places, streets.nodes[nodes])
    doors: Numbers = np.where(far <= FARTHEST_DOOR_METRES, far, np.inf)
    return nodes, doors


def edges_of(streets: Streets) -> Iterable[tuple[int, int, float]]:
    """Yield each edge once, as two nodes and metres: what a slow search needs."""
    matrix = streets.lengths.tocoo()
    ends = zip(matrix.row.tolist(), matrix.col.tolist(), matrix.data.tolist(), strict=True)
    return ((one, other, metres) for one, other, metres in ends if one < other)
