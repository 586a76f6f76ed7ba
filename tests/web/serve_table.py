"""A program: serve an example place with ten organisations at each table. Arguments: folder, port, file for the users.

The example has no school and no expert of its own: these are added to the place and to the agreements.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from braid.example.write import write_example
from braid.pipeline import run_chain
from braid.store.place_folder import load_place
from braid.web.serve import serve
from lent_database import lend_database

ADDED = {
    "vale-academies": ("Vale Academies", "school", "school-from-ta", "education_welfare"),
    "arden-schools": ("Arden Schools Trust", "school", "school-from-ta", "education_welfare"),
    "vale-experts": ("Vale Expert Reports", "expert", "court-readiness", "health"),
}
"""Organisations that the example has not: name, kind, the agreement that each is put into, and what its team does."""
ROLES = {
    "arden-vale-ca": ("coordinator",),
    "arden-vale-icb": ("partner", "responder"),
    "arden-vale-police": ("responder",),
    "arden-vale-probation": ("responder",),
    "arden-vale-cafcass": ("partner",),
    "family-court": ("listing_officer",),
    "lanternhouse": ("advocate", "partner"),
    **dict.fromkeys(ADDED, ("partner",)),
}
"""Which roles somebody of each organisation has; of each council a practitioner and a responder."""


def make_place(folder: Path) -> None:
    """Write and run the place."""
    write_example(folder, people=600, seed=4)
    for organisation, (name, kind, agreement, service) in ADDED.items():
        with (folder / "place.toml").open("a", encoding="utf-8") as file:
            file.write(f'\n[[organisation]]\nid = "{organisation}"\nname = "{name}"\nkind = "{kind}"\n')
        with (folder / "teams.toml").open("a", encoding="utf-8") as file:
            file.write(f'\n[[team]]\nid = "{organisation}-office"\nname = "Office of {name}"\n')
            file.write(f'organisation = "{organisation}"\nservices = ["{service}"]\n')
        _put_into(folder / "agreements" / f"{agreement}.toml", organisation)
    run_chain(load_place(folder))


def _put_into(agreement: Path, organisation: str) -> None:
    """Make an organisation a party to an agreement, with what the voluntary service there gives and gets."""
    text = agreement.read_text(encoding="utf-8")
    start = text.index('[[party]]\norganisation = "lanternhouse"')
    party = text[start : text.find("[[party]]", start + 1)]
    agreement.write_text(f"{text.rstrip()}\n\n{party.replace('lanternhouse', organisation)}", encoding="utf-8")


def make_users(place) -> None:
    """Make somebody of each organisation and role, named by both, all with one password."""
    from django.contrib.auth.hashers import make_password

    from braid.web.care.team_list import join_demo_users
    from braid.web.models import User

    roles = ROLES | {
        organisation.id: ("practitioner", "responder")
        for organisation in place.organisations
        if organisation.kind == "council"
    }
    names = {organisation.id: organisation.name for organisation in place.organisations}
    password = make_password("a long enough password 1")
    for organisation, codes in roles.items():
        for role in codes:
            values = {"role": role, "organisation": organisation, "password": password, "is_demo": True}
            name = f"{role.replace('_', ' ').capitalize()}, {names[organisation]}"
            User.objects.create(username=f"demo-{organisation}-{role}".replace("_", "-"), display_name=name, **values)
    join_demo_users()
    councils = [organisation.id for organisation in place.organisations if organisation.kind == "council"]
    Path(sys.argv[3]).write_text(json.dumps({"councils": councils}), encoding="utf-8")


if __name__ == "__main__":
    make_place(Path(sys.argv[1]))
    lend_database(Path(sys.argv[1]) / "state")
    serve(Path(sys.argv[1]), port=int(sys.argv[2]), when_ready=make_users)
