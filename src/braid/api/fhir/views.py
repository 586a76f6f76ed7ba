"""The addresses below /fhir/r4/: who asks and for what is found as under /api/, and what they see is the same."""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from ninja.errors import ValidationError

from braid.api.callers import viewer_of
from braid.api.cursors import Cursors
from braid.api.fhir.bundles import BASE, bundle
from braid.api.fhir.capability import capability_statement
from braid.api.fhir.catalogue import KINDS, PATIENT_PARAMETERS, Kind
from braid.api.fhir.elements import OWN, Resource, moment
from braid.api.fhir.outcome import CONTENT_TYPE, NotAnswered, answer_outcome
from braid.api.fhir.query import Search, check_format, check_read, is_at, is_within, read_search
from braid.api.fhir.resources import patient_of
from braid.api.problems import answer_problem
from braid.store.vault_keys import VaultKeyNotAvailable, VaultSealBroken
from braid.web.access import NotPermitted, NotThere
from braid.web.access.exchange import Identified, find_identified, get_identified, get_identified_after
from braid.web.access.projections import Viewer
from braid.web.published import find_published_run

PATIENT_PAGE, PATIENTS_PAGE = "api fhir patient", "api fhir patients"
MORE_BY_NAME = "More people may have such a name. Say more of it, or the day of birth."
MORE_WAIT = "Others, who wait less long, are not listed."
NO_NUMBERS = (
    "The one system of identifiers here is urn:braid:person. No NHS number rests where this is answered from: find"
    " somebody by name and birthdate."
)
Answering = Callable[..., Resource]


def answered(view: Answering) -> Callable[..., HttpResponse]:
    """Answer a resource as FHIR JSON, and what a view raises as the refusal that it is."""

    @csrf_exempt
    @require_http_methods(["GET"])
    @wraps(view)
    def asked(request: HttpRequest, **parts: Any) -> HttpResponse:
        try:
            said = view(request, **parts)
        except NotAnswered as refused:
            return answer_outcome(refused)
        except ValidationError:
            return answer_outcome(NotAnswered("value", "The cursor is none of this search. Begin anew.", ["cursor"]))
        except (NotPermitted, PermissionDenied):
            return answer_problem("not_permitted")
        except (NotThere, Http404):
            return answer_problem("not_found")
        except (VaultKeyNotAvailable, VaultSealBroken):
            return answer_problem("not_now")
        return HttpResponse(json.dumps(said), content_type=CONTENT_TYPE)

    return asked


def _viewer(request: HttpRequest, page: str) -> Viewer:
    headers = request.headers
    return viewer_of(request, headers.get("X-Purpose", ""), headers.get("X-Reference", ""), page)


@answered
def metadata(request: HttpRequest) -> Resource:
    """Say what is answered, to anybody."""
    check_format(request.GET)
    return capability_statement(request.build_absolute_uri(BASE))


@answered
def read_patient(request: HttpRequest, person_id: str) -> Resource:
    """Return one person. 404 where there is none, and where the caller may see none of their waits."""
    viewer = _viewer(request, PATIENT_PAGE)
    check_read(request.GET)
    return _dated([patient_of(get_identified(viewer, person_id))])[0]


@answered
def search_patients(request: HttpRequest) -> Resource:
    """Find people by id, by our identifier or by name; without any, those who wait in several backlogs."""
    viewer = _viewer(request, PATIENTS_PAGE)
    search = read_search(request.GET, PATIENT_PARAMETERS)
    cursors = Cursors(request, "fhir Patient", viewer.purpose, given=search.given)
    identity = search.identity or _own_identifier(search.texts.get("identifier", ""))
    ways = [bool(search.identity), "identifier" in search.texts, "name" in search.texts]
    if sum(ways) > 1 or (search.dates and not ways[2]):
        raise NotAnswered("invalid", "Search by _id, by identifier, or by name with or without birthdate.")
    if search.begins_at and any(ways):
        raise NotAnswered("invalid", "Such a search has one page.", ["cursor"])
    if not _is_updated(search):
        return bundle(request, "Patient", search, [], None)
    if identity:
        return bundle(request, "Patient", search, _one(request, replace(viewer, page=PATIENT_PAGE), identity), None)
    if "name" in search.texts:
        request.found_nobody = True  # somebody or nobody: a search by name is held, as the one on a page is
        found, is_cut = find_identified(viewer, search.texts["name"])
        shown = _dated([patient_of(one) for one in found if _is_born(search, one)])
        return bundle(request, "Patient", search, shown, None, MORE_BY_NAME if is_cut else "")
    after = cursors.open(search.begins_at)
    page, follows, is_cut = get_identified_after(viewer, (after[0], after[1]) if after else None, search.count)
    sealed = cursors.seal(follows) if follows else None
    warning = MORE_WAIT if is_cut and sealed is None else ""
    return bundle(request, "Patient", search, _dated(list(map(patient_of, page))), sealed, warning)


def _updated_at() -> dt.datetime | None:
    """Return when the run was published that pages show: all that it tells is of that moment."""
    run = find_published_run()
    return run.published_at if run else None


def _is_updated(search: Search) -> bool:
    """Whether what the run tells is found by `_lastUpdated`. It is so for everybody or for nobody, so it hints at
    nobody."""
    at = _updated_at() if search.updated else None
    return all(at is not None and is_at(prefix, stretch, at) for prefix, stretch in search.updated)


def _dated(resources: Sequence[Resource]) -> list[Resource]:
    """Return resources that a run tells with the moment of it; the run is asked for once."""
    at = _updated_at() if resources else None
    told = {} if at is None else {"lastUpdated": moment(at)}
    return [{**one, "meta": {**told, **one["meta"]}} for one in resources]


def _own_identifier(value: str) -> str:
    if not value:
        return ""
    system, separator, identity = value.partition("|")
    if not separator or system != OWN.format("person"):
        raise NotAnswered("not-supported", NO_NUMBERS, ["identifier"])
    if not identity:
        raise NotAnswered("value", "Send the identifier after its system.", ["identifier"])
    return identity


def _one(request: HttpRequest, viewer: Viewer, person_id: str) -> list[Resource]:
    try:
        return _dated([patient_of(get_identified(viewer, person_id))])
    except NotThere:
        request.found_nobody = True
        return []


def _is_born(search: Search, one: Identified) -> bool:
    born = one.header.birth_date
    return all(born is not None and is_within(prefix, days, born, born) for _, prefix, days in search.dates)


def reading(kind: Kind) -> Callable[..., HttpResponse]:
    """Return the view that reads one resource of a kind."""

    @answered
    def read(request: HttpRequest, **parts: object) -> Resource:
        viewer = _viewer(request, kind.page)
        check_read(request.GET)
        (identity,) = parts.values()
        found = kind.read(viewer, str(identity))
        return _dated([found])[0] if kind.is_of_run else found

    return read


def searching(kind: Kind) -> Callable[..., HttpResponse]:
    """Return the view that searches a kind of resource, of one patient."""

    @answered
    def search(request: HttpRequest) -> Resource:
        viewer = _viewer(request, kind.page)
        asked = read_search(request.GET, kind.parameters)
        if not asked.patient and not asked.identity:
            words = "Name one patient, or _id: what is about people is read person by person."
            raise NotAnswered("required", words, ["patient"])
        cursors = Cursors(request, f"fhir {kind.name}", viewer.purpose, given=asked.given)
        after = cursors.open(asked.begins_at)
        if kind.is_of_run and not _is_updated(asked):
            return bundle(request, kind.name, asked, [], None)
        found = [one for one in _found(request, kind, viewer, asked) if _fits(kind, asked, one)]
        rest = [one for one in sorted(found, key=_id_of) if after is None or _id_of(one) > after[0]]
        shown, follows = cursors.cut(rest, asked.count, lambda one: (_id_of(one),))
        shown = _dated(shown) if kind.is_of_run else shown
        return bundle(request, kind.name, asked, shown, follows)

    return search


def _found(request: HttpRequest, kind: Kind, viewer: Viewer, asked: Search) -> list[Resource]:
    """Return what there is of a patient; whoever is hidden or does not exist has nothing, and the answer is held."""
    try:
        return kind.about(viewer, asked.patient) if asked.patient else [kind.read(viewer, asked.identity)]
    except NotThere:
        request.found_nobody = True
        return []


def _fits(kind: Kind, asked: Search, one: Resource) -> bool:
    return (
        asked.identity in ("", one["id"])
        and all(one[name] in codes for name, codes in asked.codes.items())
        and all(is_within(prefix, days, *kind.span(one)) for _, prefix, days in asked.dates)
    )


def _id_of(resource: Resource) -> str:
    return str(resource["id"])


VIEWS = {name: (reading(kind), searching(kind)) for name, kind in KINDS.items()}
