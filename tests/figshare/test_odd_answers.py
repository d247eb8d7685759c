"""What people see when Figshare sends absurd numbers, hostile errors or deceptive addresses."""

import json

import orjson
import pytest

from bot.commands import Interaction
from bot.drafts.accounts import account_of_user
from bot.emulators.figshare.faults import Fault
from bot.render import blocks
from tests.support.message_checks import assert_is_good, elements

JSON = {"content-type": "application/json"}
ITEM = {"id": 7, "title": "Frogs of the pond", "files": []}
DECEPTIVE = "https://figshare.com@evil.example/x"
ABSURD = [2**63, 10**30, -1, 10**400]
DEEPLY_NESTED = [
    b'{"message": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"data": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b', "message": "x"}',
    b"[" * 2_000_000,
    b'{"message": 1' + b"0" * 400 + b"}",
    b'{"message": {"a": [null]}}',
]


def answers(client, path: str, document: object, **fault: object) -> Fault:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return client.goes_wrong(path, times=None, body=body, headers=JSON, **fault)


@pytest.mark.parametrize("count", ABSURD, ids=range(len(ABSURD)))
@pytest.mark.parametrize(
    "words", ["views 7", "stats 7", "views 7 2025", "timeline 7", "countries 7", "views 7, 8", "top"]
)
async def test_absurd_count_is_unknown_and_never_0(client, words, count):
    answers(client, "/v2/articles/", ITEM)
    answers(client, "/stats/total/article/7", {"views": count, "downloads": 5, "shares": 5})
    answers(client, "/stats/total/", {"totals": count})
    answers(client, "/stats/timeline/", {"timeline": {"2025-01": count, "2025-02": 3}})
    answers(client, "/stats/breakdown/", {"breakdown": {"2025-01": {"Chile": {"total": count}}}})
    answers(client, "/stats/top/", {"top": {"7": count, "8": 3}})
    payload = await client.message(words)
    assert_is_good(payload)
    orjson.dumps(payload)
    assert "unknown" in payload["text"] or "sent a response I couldn't read" in payload["text"]
    assert "0 views" not in payload["text"]


@pytest.mark.parametrize("size", ABSURD, ids=range(len(ABSURD)))
async def test_absurd_size_is_unknown(client, size):
    file = {"id": 1, "name": "frogs.csv", "size": size}
    answers(client, "/v2/articles/7/files", [file])
    answers(client, "/v2/articles/7", ITEM | {"files": [file], "size": size, "version": size})
    assert "unknown size" in await client.ask("files 7")
    payload = await client.message("item 7")
    assert_is_good(payload)
    orjson.dumps(payload)


@pytest.mark.parametrize("id", ["²", "١", "1" * 5_000, "0", "-1", "x"])
async def test_ranking_leaves_out_invalid_ids(client, id):
    answers(client, "/stats/top/", {"top": {id: 9, "5616445": 3}})
    reply = await client.reply("top")
    assert reply.outcome == "ok"
    assert len(reply.parts[0].rows) == 1


@pytest.mark.parametrize("body", DEEPLY_NESTED, ids=range(len(DEEPLY_NESTED)))
@pytest.mark.parametrize("status", [200, 400, 403, 404, 500])
async def test_deeply_nested_answer_has_an_error_message(client, body, status):
    for path in ("/v2/", "/stats/"):
        answers(client, path, body, status=status)
    for words in ("item 7", "search frog", "views author 1"):
        assert (await client.reply(words)).outcome in ("wrong", "trouble")


@pytest.mark.parametrize(
    "url", [DECEPTIVE, "https://figshare.com/\nx", "javascript:alert(1)", "https://a\\@b.example"]
)
async def test_deceptive_address_is_not_shown_as_a_link(client, url):
    pages = {"url_public_html": url, "figshare_url": url, "url": url}
    item = ITEM | pages | {"doi": "10.1/\nx@y", "handle": "1/ @x", "license": {"name": "CC BY", "url": url}}
    link = {"id": 1, "name": "elsewhere", "is_link_only": True, "download_url": url}
    answers(client, "/v2/articles/7/files", [link])
    answers(client, "/v2/articles/7/versions", [{"version": 1, "url": url}])
    answers(client, "/v2/articles/search", [item])
    answers(client, "/v2/articles/7", item)
    for kind in ("collections", "projects"):
        answers(client, f"/v2/{kind}/7/articles", [item])
        answers(client, f"/v2/{kind}/7", item)
    for words in ("item 7", "files 7", "versions 7", "search frog", "collection 7", "project 7", "stats 7"):
        reply = await client.reply(words)
        assert reply.outcome == "ok", words
        payload = blocks.message_payload(reply, words)
        assert_is_good(payload)
        urls = [each["url"] for each in elements(payload["blocks"]) if each.get("url")]
        assert url not in urls
        assert not [each for each in urls if "@" in each or each.split() != [each]]


@pytest.mark.parametrize("url", [DECEPTIVE, "https://figshare.com/s/1\n<!channel>", "javascript:alert(1)"])
async def test_deceptive_private_link_is_an_unknown_outcome(drafts_client, url):
    account = await account_of_user(drafts_client.bot, "U1", drafts_client.people)
    id = (await account.drafts()).rows[0].id
    path = f"/v2/account/articles/{id}/private_links"
    drafts_client.goes_wrong(
        path, method="POST", status=201, body=json.dumps({"html_location": url}).encode(), headers=JSON
    )
    reply = await drafts_client.dispatcher.run_action(
        Interaction("draft.link", "U1", value=str(id), directory=drafts_client.people)
    )
    assert "evil" not in str(reply) and "channel" not in str(reply)


@pytest.mark.parametrize("run", ["```", "````", "`" * 7, "a```b```c```"])
async def test_backticks_in_a_title_open_no_code_block(client, run):
    answers(client, "/v2/articles/7", ITEM | {"title": f"{run} frogs", "authors": [{"full_name": run}]})
    for words in ("item 7", "cite 7", "stats 7"):
        assert "```" not in (await client.message(words))["text"]
