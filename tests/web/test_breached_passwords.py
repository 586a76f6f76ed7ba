"""Passwords known from breaches: the search of the list beside a plain reading of it, and what is no list."""

import hashlib
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from braid.web.operating.start_check import check_start
from braid.web.operating.start_model import REFUSE, StartFacts
from braid.web.sign_in.breached import BreachedList, BreachedListNotReadable
from braid.web.sign_in.passwords import NotBreached

COMMON = "correct horse battery staple"


def digest(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def written(folder: Path, passwords: list[str], digits: int = 40, end: str = "\n", count: str = ":7") -> Path:
    """A list as it is published: hashes in their order, each with how often it was seen."""
    path = folder / "breached.txt"
    lines = sorted(f"{digest(password)[:digits]}{count}" for password in passwords)
    path.write_bytes("".join(line + end for line in lines).encode())
    return path


def is_known_by_reading(path: Path, password: str) -> bool:
    """The slow twin: every line is read."""
    lines = path.read_text(encoding="ascii").split()
    return any(digest(password).startswith(line.partition(":")[0].upper()) for line in lines)


@given(
    st.lists(st.text(max_size=8), min_size=1, max_size=40, unique=True),
    st.sampled_from([16, 24, 40]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", ":1", ":1234567"]),
    st.text(max_size=8),
)
def test_the_search_finds_what_a_plain_reading_finds(tmp_path_factory, passwords, digits, end, count, another):
    path = written(tmp_path_factory.mktemp("list"), passwords, digits, end, count)
    breached = BreachedList(path)
    breached.check()
    for password in [*passwords, another]:
        assert breached.has(password) == is_known_by_reading(path, password)
    assert all(breached.has(password) for password in passwords)


def test_a_list_of_small_letters_and_without_a_last_line_end_is_read(tmp_path):
    path = tmp_path / "list"
    path.write_text("\n".join(sorted(digest(word).lower() for word in ("one", "two", "three"))), encoding="ascii")
    assert [BreachedList(path).has(word) for word in ("one", "two", "three", "four")] == [True, True, True, False]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no hash"),
        (b"hello\n", "not a hash"),
        (b"ABCD:1\n", "not a hash"),
        (b"A" * 300, "not a hash"),
        (f"{digest('a')}\n{digest('b')[:20]}\n".encode(), "one length"),
        (f"{max(digest('a'), digest('b'))}\n{min(digest('a'), digest('b'))}\n".encode(), "order"),
        (None, "cannot be read"),
    ],
)
def test_what_is_no_list_refuses_the_start_and_says_why(tmp_path, content, words):
    path = tmp_path / "list"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BreachedListNotReadable, match=words):
        BreachedList(path).check()
    environment = {"BRAID_BREACHED_PASSWORDS_FILE": str(path)}
    found = check_start(StartFacts("127.0.0.1", environment, is_fictional=True, is_root=False))
    assert [(each.code, each.severity) for each in found] == [("breached_list_unreadable", REFUSE)]
    assert words in found[0].what and str(tmp_path) not in found[0].what


def test_a_breached_password_is_not_taken_and_without_a_readable_list_none_is(tmp_path, settings, caplog):
    NotBreached().validate(COMMON)
    settings.BREACHED_PASSWORDS_FILE = str(written(tmp_path, [COMMON, "another"]))
    with pytest.raises(ValidationError, match="breach"):
        NotBreached().validate(COMMON)
    NotBreached().validate("nine purple otters at tea")
    settings.BREACHED_PASSWORDS_FILE = str(tmp_path / "gone")
    with pytest.raises(ValidationError, match="cannot be checked"):
        NotBreached().validate("nine purple otters at tea")
    assert "otters" not in caplog.text and str(tmp_path) not in caplog.text
