"""A program: serve an example place with ten organisations at each table. Arguments: folder, port, file for the users.

The example has no school of its own, so two are added to the place and to the agreement about school places.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from braid.example.write import write_example
from braid.pipeline import run_chain
from braid.store.place_folder import load_place
from braid.web.serve import serve

SCHOOLS = ("vale-academies", "arden-schools")
ROLES = {
    "arden-vale-ca": ("coordinator",),
    "arden-vale-icb": ("partner", "responder"),
    "arden-vale-police": ("responder",),
    "arden-vale-probation": ("responder",),
    "arden-vale-cafcass": ("partner",),
    "family-court": ("listing_officer",),
    "lanternhouse": ("advocate", "partner"),
    **dict.fromkeys(SCHOOLS, ("partner",)),
}
"""Which roles somebody of each organisation has; of each council a practitioner and a responder."""


def make_place(folder: Path) -> None:
    """Write and run the place."""
    write_example(folder, people=600, seed=4)
    with (folder / "place.toml").open("a", encoding="utf-8") as file:
        for school in SCHOOLS:
            file.write(f'\n[[organisation]]\nid = "{school}"\nname = "{school}"\nkind = "school"\n')
    with (folder / "teams.toml").open("a", encoding="utf-8") as file:
        for school in SCHOOLS:
            file.write(f'\n[[team]]\nid = "{school}-office"\nname = "Office of {school}"\n')
            file.write(f'organisation = "{school}"\nservices = ["education_welfare"]\n')
    agreement = folder / "agreements" / "school-from-ta.toml"
    text = agreement.read_text(encoding="utf-8")
    start = text.index('[[party]]\norganisation = "lanternhouse"')
    party = text[start : text.find("[[party]]", start + 1)]
    parties = [party.replace("lanternhouse", school) for school in SCHOOLS]
    agreement.write_text("\n".join([text.rstrip(), "", *parties]), encoding="utf-8")
    run_chain(load_place(folder))


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
    password = make_password("a long enough password 1")
    for organisation, codes in roles.items():
        for role in codes:
            values = {"role": role, "organisation": organisation, "password": password, "is_demo": True}
            User.objects.create(username=f"demo-{organisation}-{role}".replace("_", "-"), display_name=role, **values)
    join_demo_users()
    councils = [organisation.id for organisation in place.organisations if organisation.kind == "council"]
    Path(sys.argv[3]).write_text(json.dumps({"councils": councils}), encoding="utf-8")


if __name__ == "__main__":
    make_place(Path(sys.argv[1]))
    serve(Path(sys.argv[1]), port=int(sys.argv[2]), when_ready=make_users)
