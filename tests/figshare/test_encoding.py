"""What Figshare sends compressed is unpacked once, and never beyond what an answer may have."""

import gzip
import tracemalloc
import zlib

import pytest

from bot.drafts.accounts import account_for
from bot.figshare.private import Fields

MB = 1_000_000
JSON = {"content-type": "application/json"}
ITEM = b'{"id": 7, "title": "Frogs of the pond"}'
# one question for each API, with the path it is answered at
ASKED = {
    "rest": ("files 5616445", "/v2/articles/5616445"),
    "stats": ("views author 1", "/stats/total"),
    "oai": ("oai identify", "/v2/oai"),
    "resourcesync": ("resourcesync", "/.well-known/resourcesync"),
}


def by_name(value: str | bytes) -> str:
    return value[:20] if isinstance(value, str) else ""


def zeros(length: int) -> bytes:
    return gzip.compress(bytes(length), 1)


ONCE = zeros(60 * MB)
NESTED = gzip.compress(gzip.compress(ONCE))


@pytest.mark.parametrize("api", ASKED)
@pytest.mark.parametrize(
    ("body", "named"), [(NESTED, "gzip, gzip, gzip"), (ONCE, "gzip")], ids=["thrice", "once"]
)
async def test_a_bomb_is_unreadable_and_memory_stays_flat(client, api, body, named):
    words, path = ASKED[api]
    client.goes_wrong(path, times=None, body=body, headers=JSON | {"content-encoding": named})
    tracemalloc.start()
    try:
        text = await client.ask(words)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "sent something I can't read" in text
    assert peak < 20 * MB


@pytest.mark.parametrize(
    ("named", "body"),
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
async def test_an_answer_that_is_packed_once_is_read(client, named, body):
    client.goes_wrong("/v2/articles/7", times=None, body=body, headers=JSON | {"content-encoding": named})
    assert "Frogs of the pond" in await client.ask("item 7")


@pytest.mark.parametrize(
    ("named", "body"),
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
async def test_an_answer_in_an_encoding_not_asked_for_is_not_read(client, named, body):
    client.goes_wrong("/v2/articles/7", times=None, body=body, headers=JSON | {"content-encoding": named})
    assert "Figshare sent something I can't read." in await client.ask("item 7")


@pytest.mark.parametrize(
    ("body", "named"), [(NESTED, "gzip, gzip, gzip"), (ONCE, "gzip")], ids=["thrice", "once"]
)
async def test_a_bomb_after_a_change_leaves_what_its_status_says(drafts_client, body, named):
    account = await account_for(drafts_client.bot, "U1", drafts_client.people)
    headers = JSON | {"content-encoding": named, "location": "https://x.example/v2/account/articles/7"}
    drafts_client.goes_wrong("/v2/account/articles", method="POST", status=201, body=body, headers=headers)
    tracemalloc.start()
    try:
        made = await account.create(Fields(title="Frogs"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert made == 7
    assert peak < 30 * MB
