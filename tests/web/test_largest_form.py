"""The largest form of joint work fits into what the server reads of a request."""

from urllib.parse import urlencode

import pytest
from django.conf import settings

from braid.care.case_types import shipped_case_types
from braid.trust.agreement_terms import GATEWAYS
from braid.web.care.forms import ReturnForm

TABLE = [f"organisation-number-{number:02}" for number in range(30)]
"""More organisations than sit at any table we know of."""
OF_THE_REQUEST = 20
"""Fields that every form has besides its own: its kind, the version that was seen, a token."""


@pytest.mark.parametrize("kind", shipped_case_types().values(), ids=lambda kind: kind.id)
def test_a_full_return_at_a_full_table_is_read(kind) -> None:
    for agency in kind.agencies:
        asked = kind.asked(agency)
        form = ReturnForm(case_type=kind, agency=agency, receivers=dict.fromkeys(asked, TABLE), gateways=[*GATEWAYS])
        full = {
            name: "ä" * (field.max_length or 0) if hasattr(field, "max_length") else "x" * 40
            for name, field in form.fields.items()
        }
        assert len(full) + OF_THE_REQUEST <= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS, agency
        assert len(urlencode(full)) < settings.DATA_UPLOAD_MAX_MEMORY_SIZE, agency
