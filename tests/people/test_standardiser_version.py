"""The version of the standardiser is of what it makes: another table of the same records needs another version."""

from __future__ import annotations

import hashlib
import json

from braid.language.records import record_id
from braid.people.release import STANDARDISER
from braid.people.run import add_missing_tables
from braid.people.standardise import standardise
from people.records import Written, nhs, upn

MADE = {"2026-11-30": "296edd9b7a2d41fa"}
"""By version, the digest of the linkage table of `written`."""
PEOPLE = (
    ("Mary-Ann", "O\u2019Neil", "1980-05-06", "QB1 1AA"),
    ("Zo\u00eb", "van der Berg", "1980-01-01", "qb11aa"),
    ("Dr \u0141ukasz", "Nowak n\u00e9e Kowalska", "1900-01-01", "OB1 1AA"),
    ("Baby of Jane", "MacDonald", "2024-02-29", "QBI 1AA"),
    ("Bob", "Smith-Jones Jr", "1991-03-02", None),
    ("Muhammad", "bin al-Hassan", None, "QB10 1AA"),
    ("unknown", "Not Known", "1753-01-01", "not known"),
    ("Liz", "Reed", "2012-12-12", "QB1 1AB"),
    (None, None, "2016-07-08", "GIR 0AA"),
)


def written() -> Written:
    """Return records with what the standardiser is for: accents, particles, titles, short names, dates of nobody."""
    found = Written()
    for number, (given, family, born, postcode) in enumerate(PEOPLE):
        home = {"postcode": postcode, "uprn": f"00{number}12"} if postcode else {}
        found.record(f"r{number}", "list", given, family, born, nhs=nhs(number), upn=upn(number), **home)
    found.record("dummy", "list", "Ann", "Lee", "1970-02-03", nhs="9876543210", former_upn=upn(50))
    return found


def test_another_table_of_the_same_records_has_another_version() -> None:
    engine = written().place.engine()
    add_missing_tables(engine)
    rows = standardise(engine).to_pylist()
    engine.close()
    assert {row["record_id"] for row in rows} >= {record_id("list", "person_record", "r0")}
    made = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:16]
    assert MADE.get(STANDARDISER) == made, (
        f"the standardiser makes another table ({made}) of the same records: raise STANDARDISER in release.py, make the"
        " shipped release anew (benchmarks/linkage/linkage.py train) and put version and digest here"
    )
