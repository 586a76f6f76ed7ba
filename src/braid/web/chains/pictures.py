"""Pictures of chains: six links in a row, filled where there is one, an empty frame where there is a gap."""

from collections.abc import Sequence

from braid.place.chain import HEADS, Chain, Step
from braid.place.drawings import WIDTH
from braid.store.exports import Area, Label, Line, Picture, Shape

NAMES, ROW, BOX, TOP = 168.0, 30.0, 18.0, 30.0
LINK, GAP = 60.0, 14.0
HEIGHT = TOP + LINK + 24
LONGEST = 32


def draw_chains(chains: Sequence[Chain]) -> Picture:
    """Return a row of six cells for each chain, under the names of the links."""
    step = (WIDTH - NAMES) / len(HEADS)
    shapes: list[Shape] = [
        Label("label", (NAMES + (number + 0.5) * step, 14), _short(name), "middle", 8)
        for number, name in enumerate(HEADS.values())
    ]
    for row, chain in enumerate(chains):
        middle = TOP + (row + 0.5) * ROW
        shapes.append(Label("label", (0, middle), _cut(chain.title), size=9))
        shapes.append(Line("line", ((NAMES + step / 2, middle), (WIDTH - step / 2, middle)), "grey", 1.0))
        for number, each in enumerate(chain.steps):
            shapes += _cell(each, NAMES + number * step + 5, middle - BOX / 2, step - 10, BOX)
    told = "; ".join(f"{chain.title}: {_told(chain)}" for chain in chains)
    return Picture(
        "Chains of all priorities", f"Rows. {told}.", WIDTH, TOP + ROW * max(1, len(chains)) + 6, tuple(shapes)
    )


def draw_chain(chain: Chain) -> Picture:
    """Return the six links of one chain with how many things stand under each."""
    width = (WIDTH - GAP * (len(HEADS) - 1)) / len(HEADS)
    shapes: list[Shape] = []
    for number, each in enumerate(chain.steps):
        start = number * (width + GAP)
        if number:
            is_broken = each.is_gap or chain.steps[number - 1].is_gap
            at = TOP + LINK / 2
            shapes.append(
                Line("line", ((start - GAP, at), (start, at)), "grey" if is_broken else "blue", 3.0, is_broken)
            )
        shapes += _cell(each, start, TOP, width, LINK)
        shapes.append(Label("label", (start + width / 2, TOP - 12), _short(each.name), "middle", 9))
    return Picture("The chain", f"Six links. {_told(chain)}.", WIDTH, HEIGHT, tuple(shapes))


def _cell(step: Step, start: float, top: float, width: float, height: float) -> list[Shape]:
    corners = ((start, top), (start + width, top), (start + width, top + height), (start, top + height))
    middle = (start + width / 2, top + height / 2)
    if step.is_gap:
        frame = Area("area", corners, "white")
        return [
            frame,
            Line("line", (*corners, corners[0]), "black", 1.2, True),
            Label("label", middle, "gap", "middle", 9),
        ]
    return [Area("area", corners, "blue"), Label("label", middle, str(len(step.links)), "middle", 10, "white")]


def _told(chain: Chain) -> str:
    return ", ".join(f"{step.name.lower()} {'gap' if step.is_gap else len(step.links)}" for step in chain.steps)


def _short(name: str) -> str:
    return "Served" if name == HEADS["served"] else name


def _cut(title: str) -> str:
    return title if len(title) <= LONGEST else f"{title[: LONGEST - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"
