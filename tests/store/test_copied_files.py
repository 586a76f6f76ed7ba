"""Files kept by what they hold: each once, whatever names they have, and every byte back or told."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from braid.store.copied_files import FileStore, hash_of

CONTENTS = st.dictionaries(
    st.from_regex(r"[a-c]{1,2}(/[a-c]{1,2})?", fullmatch=True), st.binary(max_size=30), max_size=6
)


def write(root: Path, contents: dict[str, bytes]) -> list[Path]:
    written = []
    for name, content in contents.items():
        path = root / name
        if any(parent.is_file() for parent in path.parents) or path.is_dir():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written.append(path)
    return written


@given(CONTENTS)
def test_what_is_kept_comes_back_byte_by_byte(tmp_path_factory, contents):
    folder = tmp_path_factory.mktemp("kept")
    paths = write(folder / "place", contents)
    store = FileStore(folder / "backup" / "files")
    kept = store.keep(folder / "place", paths, {})
    assert store.put_back(kept, folder / "again") == []
    before = {path.relative_to(folder / "place"): path.read_bytes() for path in paths}
    found = [path for path in (folder / "again").rglob("*") if path.is_file()]
    after = {path.relative_to(folder / "again"): path.read_bytes() for path in found}
    assert after == before
    assert {path.name for path in store.folder.glob("??/*")} == {one.sha256 for one in kept}


def test_a_file_that_did_not_change_is_not_read_again(tmp_path, monkeypatch):
    paths = write(tmp_path / "place", {"lake/a": b"large", "b": b"large"})
    store = FileStore(tmp_path / "files")
    first = store.keep(tmp_path / "place", paths, {})
    assert len(list(store.folder.glob("??/*"))) == 1, "the same bytes once"
    copied = []
    monkeypatch.setattr(FileStore, "_copy", lambda self, path: copied.append(path) or ("0" * 64, 0))
    known = {one.path: one for one in first}
    assert store.keep(tmp_path / "place", paths, known) == first and copied == []
    paths[0].write_bytes(b"other")
    store.keep(tmp_path / "place", paths, known)
    assert copied == [paths[0]]


def test_bytes_that_are_gone_or_changed_are_told_and_never_put_back(tmp_path):
    paths = write(tmp_path / "place", {"a": b"one", "b": b"two", "c": b"three"})
    store = FileStore(tmp_path / "files")
    kept = store.keep(tmp_path / "place", paths, {})
    store.path_of(kept[0].sha256).unlink()
    store.path_of(kept[1].sha256).write_bytes(b"twO")
    assert store.put_back(kept, tmp_path / "again") == ["a", "b"]
    assert sorted(path.name for path in (tmp_path / "again").iterdir()) == ["c"]


def test_bytes_go_once_nobody_names_them(tmp_path):
    paths = write(tmp_path / "place", {"a": b"one", "b": b"two"})
    store = FileStore(tmp_path / "files")
    kept = store.keep(tmp_path / "place", paths, {})
    assert store.drop_unnamed(frozenset({kept[0].sha256})) == 1
    assert store.put_back(kept, tmp_path / "again") == ["b"]


def test_kept_files_are_for_their_user_alone(tmp_path):
    (path,) = write(tmp_path / "place", {"a": b"one"})
    path.chmod(0o644)
    store = FileStore(tmp_path / "files")
    (kept,) = store.keep(tmp_path / "place", [path], {})
    assert store.path_of(kept.sha256).stat().st_mode & 0o077 == 0
    assert store.folder.stat().st_mode & 0o077 == 0
    assert hash_of(path) == kept.sha256
