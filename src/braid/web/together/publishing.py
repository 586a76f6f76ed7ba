"""From the board lists of a run to what pages show of them. Runs as the owner of the tables.

Exact counts pass through here alone. What is kept are bands and shares, reckoned beside the figures of waits by kind
and district that are published already.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction

from braid.language.codes import WAIT_KINDS
from braid.language.place_findings import BOARD_LIST, BOARD_WAIT
from braid.place.remits import Remit, list_of
from braid.store.lake import Run
from braid.trust.cubes import WHOLE_PLACE, Cell
from braid.trust.disclosure import possible_counts
from braid.trust.lists import ANYWHERE, Base, publish_combinations, publish_share_of_time
from braid.web.copying import Row, rows_if_there
from braid.web.figures import get_place_figures
from braid.web.models import BoardOverlap, BoardRemit, BoardWaitShare, ProblemStatement
from braid.web.published import take_turn
from braid.web.watch import known_asker

LISTS_LOCK = 7_303_048


def show_board_lists(run: Run) -> int:
    """Show what the lists of the boards of a run have in common; return how many combinations are published.

    Replaces what was shown. Nothing is shown where the remits are others than those that lists were published by
    before: two cuts of the same people would tell a few of them apart (decision 50).
    """
    remits = remits_of(run)
    with known_asker(), transaction.atomic():
        take_turn(LISTS_LOCK)
        BoardOverlap.objects.all().delete()
        BoardWaitShare.objects.all().delete()
        if len(remits) < 2 or not _keep(remits):
            return 0
        overlaps, shares = lists_to_show(run, remits)
        BoardOverlap.objects.bulk_create(overlaps)
        BoardWaitShare.objects.bulk_create(shares)
        return len(overlaps)


def remits_of(run: Run) -> list[Remit]:
    """Return the remits by which a run counted lists; none of a run that was made before there were any."""
    told = run.manifest.get("stages", {}).get("place", {}).get("remits", {})
    return [Remit(board, tuple(one["statements"]), tuple(one["backlogs"])) for board, one in sorted(told.items())]


def _keep(remits: Iterable[Remit]) -> bool:
    """Keep the remits of the first publication; say whether these are they."""
    now = {one.board: (sorted(one.statements), sorted(one.backlogs)) for one in remits}
    kept = {row.board_id: (row.statements, row.backlogs) for row in BoardRemit.objects.all()}
    if not kept:
        BoardRemit.objects.bulk_create(
            BoardRemit(board_id=board, statements=s, backlogs=b) for board, (s, b) in now.items()
        )
        return True
    return kept == now


def lists_to_show(run: Run, remits: Sequence[Remit]) -> tuple[list[BoardOverlap], list[BoardWaitShare]]:
    """Return the rows that may be shown of a run's lists, beside the figures that are published."""
    lists = {remit.board: list_of(remit, remits) for remit in remits if list_of(remit, remits)}
    counts = {
        frozenset(row["boards"].split()): row["people"] for row in rows_if_there(run, BOARD_LIST.name, BOARD_LIST.names)
    }
    known = _Known()
    bases = {board: known.base(own) for board, own in lists.items()}
    most = {board: known.most(own) for board, own in lists.items()}
    bands = publish_combinations(bases, counts, most)
    overlaps = [
        BoardOverlap(boards=" ".join(sorted(one)), run_id=run.id, low=low, high=high)
        for one, (low, high) in bands.items()
    ]
    on_list = {board: sum(people for one, people in counts.items() if board in one) for board in lists}
    return overlaps, list(_shares(run, on_list))


class _Known:
    """What is published of populations: waits by kind and district, and whom problem statements concern."""

    def __init__(self) -> None:
        self._cells: dict[str, dict[str, Cell]] = defaultdict(dict)
        for cell in get_place_figures().cells:
            self._cells[cell.kind][cell.district] = cell
        self._people = dict(ProblemStatement.objects.values_list("problem_id", "people"))

    def base(self, populations: Iterable[str]) -> Base:
        """Return the base of a list: of the kind of wait, or the statement, of which most is published."""
        found = [base for one in populations for base in self._bases(one)]
        return max(found, key=lambda base: sum(base.values()), default={ANYWHERE: 0})

    def most(self, populations: Iterable[str]) -> int:
        """Return the most people who may be on a list by what is published."""
        return sum(self._most(one) for one in populations)

    def _bases(self, population: str) -> Iterable[Base]:
        sort, _, code = population.partition("_")
        if sort == "statement":
            yield {ANYWHERE: possible_counts(self._people.get(code))[0] if code in self._people else 0}
        for kind in self._kinds(population):
            yield {
                district: possible_counts(cell.values["waiting"])[0]
                for district, cell in self._cells[kind].items()
                if district != WHOLE_PLACE
            }

    def _most(self, population: str) -> int:
        sort, _, code = population.partition("_")
        if sort == "statement":
            return possible_counts(self._people.get(code))[1]
        wholes = (self._cells[kind].get(WHOLE_PLACE) for kind in self._kinds(population))
        return sum(cell.spans["waiting"][1] for cell in wholes if cell is not None)

    def _kinds(self, population: str) -> list[str]:
        sort, _, code = population.partition("_")
        return [kind.code for kind in WAIT_KINDS.values() if sort == "backlog" and kind.backlog == code]


def _shares(run: Run, on_list: Mapping[str, int]) -> Iterable[BoardWaitShare]:
    by_board: dict[str, list[Row]] = defaultdict(list)
    for row in rows_if_there(run, BOARD_WAIT.name, BOARD_WAIT.names):
        by_board[row["board"]].append(row)
    for board, rows in by_board.items():
        whole = sum(row["weeks"] for row in rows)
        for row in rows:
            on_it = on_list.get(board, 0)
            share = publish_share_of_time(row["weeks"] / whole, row["people"], on_it) if whole else None
            if share is not None:
                yield BoardWaitShare(board_id=board, owner_board_id=row["owner_board"], run_id=run.id, share=share)
