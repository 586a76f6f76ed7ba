"""Questions as they are kept: asked, named, run again and taken away by whoever asked; read by whoever may simulate.

Everything here runs inside `asking_as`: the policies decide what there is.
"""

from functools import lru_cache
from uuid import UUID

from django.db.models.functions import Now

from braid.language.documents import parse, write
from braid.simulation.measures import Measure, measures_of
from braid.simulation.model import Network
from braid.web.access.sight import NotThere
from braid.web.models import SimulationNetwork, SimulationQuestion
from braid.web.recording import Asker, Facts, record
from braid.web.simulations.asked import AnyAsked, replications_of

MOST_WAITING = 5
"""Questions of one human that wait or run at once."""
MOST_LISTED = 100


def find_network() -> SimulationNetwork | None:
    """Return the network that was published last, without its document; `None` before the first."""
    return SimulationNetwork.objects.defer("document").order_by("-published_at", "pk").first()


def find_asked_network(network_id: str) -> SimulationNetwork | None:
    """Return the network that a form was made for, as it says itself; `None` where it is gone."""
    try:
        wanted = UUID(network_id)
    except ValueError:
        return None
    return SimulationNetwork.objects.defer("document").filter(pk=wanted).first()


def read_network(row: SimulationNetwork) -> Network:
    """Return the network of a row that whoever asks may see."""
    return _network(row.pk)


@lru_cache(maxsize=8)
def _network(network_id: UUID) -> Network:
    """A network never changes, and reading one takes longer than a page."""
    document = SimulationNetwork.objects.values_list("document", flat=True).get(pk=network_id)
    return parse(document, Network, "network")


def read_measures(row: SimulationNetwork) -> list[Measure]:
    """Return what is measured of the network of a row."""
    return list(_measures(row.pk))


@lru_cache(maxsize=8)
def _measures(network_id: UUID) -> tuple[Measure, ...]:
    return tuple(measures_of(_network(network_id)))


def list_questions() -> list[SimulationQuestion]:
    """Return the questions that were asked last, newest first, without their documents."""
    kept = SimulationQuestion.objects.filter(ended_at=None).select_related("network").order_by("-asked_at", "pk")
    return list(kept.defer("document", "network__document")[:MOST_LISTED])


def get_question(question_id: UUID) -> SimulationQuestion:
    """Return a question with its network and, where there is one, its answer. Raises `NotThere`."""
    found = SimulationQuestion.objects.filter(pk=question_id, ended_at=None)
    row = found.select_related("network", "answer").defer("network__document").first()
    if row is None:
        raise NotThere
    return row


def has_too_many(username: str) -> bool:
    """Whether so many questions of somebody wait that no other is taken."""
    waiting = SimulationQuestion.objects.filter(asked_by=username, ended_at=None, state__in=("waiting", "running"))
    return waiting.count() >= MOST_WAITING


def ask(asker: Asker, network: SimulationNetwork, kind: str, name: str, asked: AnyAsked) -> UUID:
    """Keep a question, to be run next; return its id."""
    row = SimulationQuestion(
        network=network,
        kind=kind,
        name=name,
        document=write(asked),
        asked_by=asker.username,
        of=replications_of(asked, read_network(network)),
    )
    SimulationQuestion.objects.append_one(row)
    _record(asker, row, "simulation asked")
    return row.pk


def rename(asker: Asker, row: SimulationQuestion, name: str) -> None:
    """Give a question another name. Raises `NotThere` where it is somebody else's."""
    _change(asker, row, "simulation renamed", name=name)


def run_again(asker: Asker, row: SimulationQuestion) -> None:
    """Have a question run once more: its answer stays, and it is said whether it came to the same digits.

    One that waits or runs already stays where it is. Of one that failed the tries count on.
    """
    if row.state in ("waiting", "running"):
        return
    _change(asker, row, "simulation run again", state="waiting", done=0)


def take_away(asker: Asker, row: SimulationQuestion) -> None:
    """Take a question away with its answer; both are erased soon after."""
    _change(asker, row, "simulation taken away", ended_at=Now(), ended_by=asker.username)


def _change(asker: Asker, row: SimulationQuestion, what: str, **values: object) -> None:
    mine = SimulationQuestion.objects.filter(pk=row.pk, asked_by=asker.username, ended_at=None)
    if not mine.update(**values):
        raise NotThere
    _record(asker, row, what)


def _record(asker: Asker, row: SimulationQuestion, what: str) -> None:
    record("changed", asker, facts=Facts(details={"what": what, "question": str(row.pk)}))
