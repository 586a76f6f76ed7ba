"""A network without what nobody ever comes to."""

from __future__ import annotations

from dataclasses import replace

from braid.simulation.model import Network, Pathway, Step


def without_unreached(network: Network) -> Network:
    """Return a network without pathways to which nobody comes, and services and profiles that are then of no use.

    Somebody comes to a pathway who is there on the first day, arrives, or is led there from one that is reached.
    Sources of what is left out are left out too.
    """
    reached = _reached(network)
    pathways = tuple(_cut(one, reached) for one in network.pathways if one.id in reached)
    used = {service for one in pathways for step in one.steps for service in step.services}
    services = tuple(one for one in network.services if one.id in used)
    shapes = {one.arrivals.profile for one in pathways} | {one.capacity.profile for one in services}
    kept = {f"pathway.{one.id}" for one in pathways} | {f"service.{one.id}" for one in services}
    return replace(
        network,
        pathways=pathways,
        services=services,
        profiles=tuple(one for one in network.profiles if one.id in shapes),
        sources={at: source for at, source in network.sources.items() if ".".join(at.split(".")[:2]) in kept},
    )


def _reached(network: Network) -> set[str]:
    reached = {group.pathway for group in network.present if group.count}
    reached |= {one.id for one in network.pathways if one.arrivals.level or any(one.arrivals.values or ())}
    for _ in network.pathways:
        steps = [step for one in network.pathways if one.id in reached for step in one.steps]
        reached |= {lead.pathway for step in steps for lead in step.leads_to if lead.share}
    return reached


def _cut(pathway: Pathway, reached: set[str]) -> Pathway:
    """Return a pathway without leads to what is not reached, such as a lead of no share."""
    return replace(pathway, steps=tuple(_step(step, reached) for step in pathway.steps))


def _step(step: Step, reached: set[str]) -> Step:
    return replace(step, leads_to=tuple(lead for lead in step.leads_to if lead.pathway in reached))
