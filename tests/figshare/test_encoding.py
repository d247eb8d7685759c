"""A compressed answer is decompressed once, and never beyond the size that an answer may have."""

import gzip
import tracemalloc
import zlib

import pytest

from bot.drafts.accounts import account_of_user
from bot.figshare.private import DraftFields

MB = 1_000_000
JSON = {"content-type": "application/json"}
ITEM = b'{"id": 7, "title": "Frogs of the pond"}'
# A question for each API, with the path of the request it causes.
QUESTIONS = {
    "rest": ("files 5616445", "/v2/articles/5616445"),
    "stats": ("views author 1", "/stats/total"),
    "oai": ("oai identify", "/v2/oai"),
    "resourcesync": ("resourcesync", "/.well-known/resourcesync"),
}


def by_name(value: str | bytes) -> str:
    return value[:20] if isinstance(value, str) else ""


def zeros(length: int) -> bytes:
    return gzip.compress(bytes(length), 1)


ONCE_COMPRESSED = zeros(60 * MB)
NESTED_GZIP = gzip.compress(gzip.compress(ONCE_COMPRESSED))


@pytest.mark.parametrize("api", QUESTIONS)
@pytest.mark.parametrize(
    ("body", "encoding"),
    [(NESTED_GZIP, "gzip, gzip, gzip"), (ONCE_COMPRESSED, "gzip")],
    ids=["thrice", "once"],
)
async def test_gzip_bomb_is_invalid_and_memory_stays_flat(client, api, body, encoding):
    words, path = QUESTIONS[api]
    client.goes_wrong(path, times=None, body=body, headers=JSON | {"content-encoding": encoding})
    tracemalloc.start()
    try:
        text = await client.ask(words)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "sent a response I couldn't read" in text
    assert peak < 20 * MB


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("identity", ITEM),
        ("gzip", gzip.compress(ITEM)),
        ("GZIP", gzip.compress(ITEM)),
        ("x-gzip", gzip.compress(ITEM)),
        ("deflate", zlib.compress(ITEM)),
        ("identity, gzip", gzip.compress(ITEM)),
    ],
    ids=by_name,
)
async def test_answer_compressed_once_is_read(client, encoding, body):
    client.goes_wrong("/v2/articles/7", times=None, body=body, headers=JSON | {"content-encoding": encoding})
    assert "Frogs of the pond" in await client.ask("item 7")


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip, gzip", gzip.compress(gzip.compress(ITEM))),
        ("gzip, deflate", zlib.compress(gzip.compress(ITEM))),
        ("br", b"\x0b\x02\x80[]\x03"),
        ("aes128gcm", ITEM),
        ("gzip", ITEM),
        ("gzip", gzip.compress(ITEM)[:-9]),
        ("x" * 5_000, ITEM),
    ],
    ids=by_name,
)
async def test_answer_in_an_unexpected_encoding_is_invalid(client, encoding, body):
    client.goes_wrong("/v2/articles/7", times=None, body=body, headers=JSON | {"content-encoding": encoding})
    assert "Figshare sent a response I couldn't read." in await client.ask("item 7")


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(NESTED_GZIP, "gzip, gzip, gzip"), (ONCE_COMPRESSED, "gzip")],
    ids=["thrice", "once"],
)
async def test_gzip_bomb_after_a_change_keeps_its_status(drafts_client, body, encoding):
    account = await account_of_user(drafts_client.bot, "U1", drafts_client.people)
    headers = JSON | {"content-encoding": encoding, "location": "https://x.example/v2/account/articles/7"}
    drafts_client.goes_wrong("/v2/account/articles", method="POST", status=201, body=body, headers=headers)
    tracemalloc.start()
    try:
        id = await account.create(DraftFields(title="Frogs"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert id == 7
    assert peak < 30 * MB
