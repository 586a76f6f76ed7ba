"""Pictures of what two boards have in common: on whose lists their people wait."""

from braid.place.common_agenda import Known, Side, span_words
from braid.place.drawings import NOT_SHOWN, Bar, draw_bars
from braid.store.exports import Picture

NOBODYS = ""


def draw_common(one: Side, other: Side, known: Known) -> tuple[Picture, ...]:
    """Return a picture for each board: of the time that its people wait, whose lists it is spent on."""
    names = {one.board: one.name, other.board: other.name, NOBODYS: "In no board's remit"}
    found = []
    for side in (one, other):
        shares = next((each.by_owner for each in known.shares if each.board == side.board), {})
        bars = [_bar(names[owner], shares.get(owner)) for owner in (one.board, other.board, NOBODYS)]
        found.append(draw_bars(f"Where people of {side.name} spend their waits", bars))
    span = known.people.get(frozenset({one.board, other.board}))
    if span is not None:
        bar = Bar("On both lists", float(span[0]), span_words(span))
        found.insert(0, draw_bars("People on the lists of both boards", [bar], "orange"))
    return tuple(found)


def _bar(name: str, share: int | None) -> Bar:
    return Bar(name, None if share is None else float(share), NOT_SHOWN if share is None else f"about {share}%")
