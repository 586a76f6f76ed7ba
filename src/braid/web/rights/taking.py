"""Which function takes a step of a request, for the page and for the command alike."""

from collections.abc import Mapping

from braid.language.steps import NotPossible
from braid.web.models import RightsRequest, User
from braid.web.rights import keeping, letters, other_requests
from braid.web.rights.forms import ShownForm

WITHOUT_MORE = {"pause": keeping.pause, "resume": keeping.resume, "take_over": keeping.take_over}


def take(by: User, row: RightsRequest, version: int, step: str, given: Mapping[str, str]) -> None:
    """Take a step of a request that was seen in `version`.

    `given` are the fields of its page: `because` of extend, `shown_on` of identity, `about` and `words` of tell, and
    `reason` of the others. Raises `NotPossible`.
    """
    if step in WITHOUT_MORE:
        WITHOUT_MORE[step](by, row, version)
    elif step == "extend":
        keeping.extend(by, row, version, given.get("because", ""))
    elif step == "identity":
        form = ShownForm(given)
        if not form.is_valid():
            raise NotPossible(next(iter(form.errors.values()))[0])
        keeping.show_identity(by, row, version, form.cleaned_data["shown_on"])
    elif step == "tell":
        letters.tell(by, row, version, given.get("about", ""), given.get("words", ""))
    elif row.kind == "access":
        keeping.take_step(by, row, version, step, given.get("reason", ""))
    else:
        other_requests.move_wish(by, row, version, step, given.get("reason", ""))
