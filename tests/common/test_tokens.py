"""Tokens: random, safe in a path, kept only as a hash."""

import re

from common.tokens import hash_of, masked, new_token


def test_a_token_is_long_safe_in_a_path_and_new_each_time() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)


def test_what_is_kept_is_the_sha_256() -> None:
    assert hash_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert re.fullmatch(r"[0-9a-f]{64}", hash_of("\udc80 not text"))


def test_addresses_are_told_without_their_secrets() -> None:
    token = new_token()
    assert masked(f"GET /invitations/{token}/") == "GET /invitations/…/"
    assert (
        masked(f"/enterprises/confirm-contact/eyJidXNpbmVzcyI6Imo:1vMabc:{token}/") == "/enterprises/confirm-contact/…/"
    )
    assert masked("/organisations/org_01k9f3q5j8x2m7n4v6b1c0d9eg/units/") == (
        "/organisations/org_01k9f3q5j8x2m7n4v6b1c0d9eg/units/"
    )
