"""A program: serve the sample on a port, with a user for each role. Arguments: folder, port, file for the users."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from sample_run import write_sample_place

from braid.web.serve import serve


def make_users(place) -> None:
    from sample_agreements import sample_agreements

    from braid.web.demo_users import create_demo_users, new_demo_passwords
    from braid.web.enforcement import enforce
    from braid.web.models import User
    from braid.web.second_factor import enrol

    users = create_demo_users(new_demo_passwords(), place)
    factors = {name: enrol(User.objects.get(username=username)).secret for name, username, _ in users}
    enforce(sample_agreements())
    Path(sys.argv[3]).write_text(
        json.dumps({"factors": factors, **{name: [username, word] for name, username, word in users}}), encoding="utf-8"
    )


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    write_sample_place(folder)
    serve(folder, port=int(sys.argv[2]), when_ready=make_users)
