"""A small example place, written and run once for the tests of this folder, with every shipped dataset built."""

from __future__ import annotations

import pytest

from analysis.places import Ran, build, make_place
from braid.analysis.load import SHIPPED
from braid.store.dataset_folder import BuiltDataset


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return make_place(tmp_path_factory.mktemp("analysis") / "place")


@pytest.fixture(scope="session")
def built(ran: Ran) -> dict[str, BuiltDataset]:
    return {name: build(ran, name) for name in SHIPPED}
