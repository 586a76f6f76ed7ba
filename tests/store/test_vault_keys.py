"""The key ring: what is sealed opens in its own place with its own key, and in no other way."""

from __future__ import annotations

import base64
import stat
from itertools import combinations
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from braid.store.vault_keys import (
    PAD_TO,
    KeyRing,
    VaultKeyNotAvailable,
    VaultSealBroken,
    WrappedKey,
    add_key,
    create_key_ring,
    drop_old_keys,
    load_key_ring,
    make_data_key,
    seal,
    unseal,
    unwrap,
)

RING = KeyRing("v1-aa", {"v1-aa": bytes(range(32))})
CONTEXT = ("person:a", "v1-aa", "vault.address")
SECRET = "17 Made-up Court"


def sealed_for(owner: str = "person:a") -> tuple[WrappedKey, bytes]:
    data_key, wrapped = make_data_key(RING, owner)
    return wrapped, seal(data_key, SECRET, owner, RING.current, "vault.address")


@given(st.text().map(lambda text: text.rstrip(" ")))
def test_what_is_sealed_opens_again(text: str) -> None:
    data_key, wrapped = make_data_key(RING, "person:a")
    sealed = seal(data_key, text, *CONTEXT)
    assert unseal(unwrap(RING, "person:a", wrapped), sealed, *CONTEXT) == text
    assert (len(sealed) - 12 - 16) % PAD_TO == 0, "the length says little"


def test_another_implementation_opens_it_with_the_context_written_out_by_hand() -> None:
    data_key, wrapped = make_data_key(RING, "person:a")
    sealed = seal(data_key, SECRET, *CONTEXT)
    bound = b"braid vault 1" + b"\0\0\0\x08person:a" + b"\0\0\0\x05v1-aa" + b"\0\0\0\x0dvault.address"
    assert AESGCM(data_key).decrypt(sealed[:12], sealed[12:], bound).decode().strip() == SECRET
    outer = b"braid vault 1" + b"\0\0\0\x05v1-aa" + b"\0\0\0\x08person:a"
    assert AESGCM(bytes(range(32))).decrypt(wrapped.wrapped[:12], wrapped.wrapped[12:], outer) == data_key


def test_every_flipped_bit_and_every_cut_fails_closed() -> None:
    wrapped, sealed = sealed_for()
    data_key = unwrap(RING, "person:a", wrapped)
    for position in range(len(sealed) * 8):
        bad = bytearray(sealed)
        bad[position // 8] ^= 1 << position % 8
        with pytest.raises(VaultSealBroken):
            unseal(data_key, bytes(bad), *CONTEXT)
    for length in range(len(sealed)):
        with pytest.raises(VaultSealBroken):
            unseal(data_key, sealed[:length], *CONTEXT)
    for position in range(len(wrapped.wrapped) * 8):
        bad = bytearray(wrapped.wrapped)
        bad[position // 8] ^= 1 << position % 8
        with pytest.raises(VaultSealBroken):
            unwrap(RING, "person:a", WrappedKey(wrapped.key_id, bytes(bad)))


def test_it_opens_in_its_own_place_alone() -> None:
    data_key, _ = make_data_key(RING, "person:a")
    places = [
        CONTEXT,
        ("person:b", "v1-aa", "vault.address"),
        ("person:a", "v2-bb", "vault.address"),
        ("person:a", "v1-aa", "vault.postcode"),
        ("person:av1-aa", "", "vault.address"),
        ("person:a", "v1-aavault.address"),
    ]
    for one, other in combinations(places, 2):
        with pytest.raises(VaultSealBroken):
            unseal(data_key, seal(data_key, SECRET, *one), *other)


def test_a_data_key_opens_for_its_own_owner_alone_and_two_seals_differ() -> None:
    wrapped, sealed = sealed_for()
    with pytest.raises(VaultSealBroken):
        unwrap(RING, "person:b", wrapped)
    other, other_sealed = sealed_for()
    assert wrapped.wrapped != other.wrapped and sealed != other_sealed


def test_a_wrong_key_opens_nothing_and_an_unknown_one_says_so() -> None:
    wrapped, _ = sealed_for()
    with pytest.raises(VaultSealBroken):
        unwrap(KeyRing("v1-aa", {"v1-aa": bytes(32)}), "person:a", wrapped)
    with pytest.raises(VaultKeyNotAvailable):
        unwrap(KeyRing("v2-bb", {"v2-bb": bytes(range(32))}), "person:a", wrapped)


def test_the_file_is_this_users_alone_and_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "state" / "vault_key"
    made = create_key_ring(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_key_ring(path) == made
    assert len(made.keys[made.current]) == 32
    with pytest.raises(VaultKeyNotAvailable):
        create_key_ring(path)
    assert load_key_ring(path) == made
    assert create_key_ring(tmp_path / "other").keys != made.keys


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o601, 0o620, 0o644, 0o666, 0o777])
def test_a_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "vault_key"
    create_key_ring(path)
    path.chmod(mode)
    with pytest.raises(VaultKeyNotAvailable, match="chmod 600"):
        load_key_ring(path)


@pytest.mark.parametrize(
    "text",
    ["", "# only a comment\n", "v1\n", "v1 AAAA\n", "v1 not-base64!\n", "v1 {key} more\n", "v1 {key}\nv1 {key}\n", "é"],
)
def test_a_malformed_file_is_refused_without_its_content(tmp_path: Path, text: str) -> None:
    key = base64.b64encode(b"k" * 32).decode()
    path = tmp_path / "vault_key"
    path.write_text(text.format(key=key), encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(VaultKeyNotAvailable) as refusal:
        load_key_ring(path)
    assert key not in str(refusal.value)


@pytest.mark.parametrize("path", ["", "no/such/file"])
def test_a_missing_file_is_refused(path: str) -> None:
    with pytest.raises(VaultKeyNotAvailable, match="BRAID_VAULT_KEY_FILE"):
        load_key_ring(Path(path))


def test_a_new_key_is_current_and_the_old_ones_open_until_they_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "vault_key"
    first = create_key_ring(path)
    _, wrapped = make_data_key(first, "person:a")
    both = add_key(path)
    assert both.current != first.current
    assert unwrap(both, "person:a", wrapped)
    assert make_data_key(both, "person:a")[1].key_id == both.current
    last = drop_old_keys(path)
    assert set(last.keys) == {both.current}
    with pytest.raises(VaultKeyNotAvailable):
        unwrap(last, "person:a", wrapped)


def test_no_repr_and_no_message_holds_a_key_or_a_value(tmp_path: Path) -> None:
    path = tmp_path / "vault_key"
    ring = create_key_ring(path)
    data_key, wrapped = make_data_key(ring, "person:a")
    sealed = seal(data_key, SECRET, *CONTEXT)
    texts = [repr(ring), str(ring), repr(wrapped)]
    for fault in (
        lambda: unseal(data_key, sealed, "elsewhere"),
        lambda: unwrap(RING, "person:a", wrapped),
        lambda: unwrap(KeyRing(ring.current, {ring.current: bytes(32)}), "person:a", wrapped),
    ):
        with pytest.raises((VaultSealBroken, VaultKeyNotAvailable)) as refusal:
            fault()
        texts += [str(refusal.value), repr(refusal.value)]
        assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
    secrets = [SECRET, ring.keys[ring.current], data_key]
    for secret in secrets:
        forms = [secret] if isinstance(secret, str) else [secret.hex(), repr(secret), base64.b64encode(secret).decode()]
        assert not [form for form in forms for text in texts if form in text]
