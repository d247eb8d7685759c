"""What a person sees when Figshare sends numbers, errors and addresses that nobody should."""

import json

import orjson
import pytest

from bot.commands import Act
from bot.drafts.accounts import account_for
from bot.render import blocks
from bot.standin.figshare.faults import Fault
from tests.conftest import assert_is_good, elements

JSON = {"content-type": "application/json"}
ITEM = {"id": 7, "title": "Frogs of the pond", "files": []}
BAD = "https://figshare.com@evil.example/x"
ABSURD = [2**63, 10**30, -1, 10**400]
DEEP = [
    b'{"message": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"data": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b', "message": "x"}',
    b"[" * 2_000_000,
    b'{"message": 1' + b"0" * 400 + b"}",
    b'{"message": {"a": [null]}}',
]


def answers(world, path: str, document: object, **how: object) -> Fault:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return world.goes_wrong(path, times=None, body=body, headers=JSON, **how)


@pytest.mark.parametrize("count", ABSURD, ids=range(len(ABSURD)))
@pytest.mark.parametrize(
    "words", ["views 7", "stats 7", "views 7 2025", "timeline 7", "countries 7", "views 7, 8", "top"]
)
async def test_an_absurd_count_is_unknown_and_never_0(world, words, count):
    answers(world, "/v2/articles/", ITEM)
    answers(world, "/stats/total/article/7", {"views": count, "downloads": 5, "shares": 5})
    answers(world, "/stats/total/", {"totals": count})
    answers(world, "/stats/timeline/", {"timeline": {"2025-01": count, "2025-02": 3}})
    answers(world, "/stats/breakdown/", {"breakdown": {"2025-01": {"Chile": {"total": count}}}})
    answers(world, "/stats/top/", {"top": {"7": count, "8": 3}})
    made = await world.message(words)
    assert_is_good(made)
    orjson.dumps(made)
    assert "unknown" in made["text"] or "sent something I can't read" in made["text"]
    assert "0 views" not in made["text"]


@pytest.mark.parametrize("size", ABSURD, ids=range(len(ABSURD)))
async def test_an_absurd_size_is_unknown(world, size):
    file = {"id": 1, "name": "frogs.csv", "size": size}
    answers(world, "/v2/articles/7/files", [file])
    answers(world, "/v2/articles/7", ITEM | {"files": [file], "size": size, "version": size})
    assert "unknown size" in await world.ask("files 7")
    made = await world.message("item 7")
    assert_is_good(made)
    orjson.dumps(made)


@pytest.mark.parametrize("id", ["²", "١", "1" * 5_000, "0", "-1", "x"])
async def test_a_ranking_with_odd_numbers_leaves_them_out(world, id):
    answers(world, "/stats/top/", {"top": {id: 9, "5616445": 3}})
    reply = await world.reply("top")
    assert reply.outcome == "ok"
    assert len(reply.parts[1].rows) == 1


@pytest.mark.parametrize("body", DEEP, ids=range(len(DEEP)))
@pytest.mark.parametrize("status", [200, 400, 403, 404, 500])
async def test_an_answer_nested_deeply_has_its_sentence(world, body, status):
    for path in ("/v2/", "/stats/"):
        answers(world, path, body, status=status)
    for words in ("item 7", "search frog", "views author 1"):
        assert (await world.reply(words)).outcome in ("wrong", "trouble")


@pytest.mark.parametrize(
    "url", [BAD, "https://figshare.com/\nx", "javascript:alert(1)", "https://a\\@b.example"]
)
async def test_no_address_that_deceives_is_shown_as_a_link(world, url):
    pages = {"url_public_html": url, "figshare_url": url, "url": url}
    item = ITEM | pages | {"doi": "10.1/\nx@y", "handle": "1/ @x", "license": {"name": "CC BY", "url": url}}
    link = {"id": 1, "name": "elsewhere", "is_link_only": True, "download_url": url}
    answers(world, "/v2/articles/7/files", [link])
    answers(world, "/v2/articles/7/versions", [{"version": 1, "url": url}])
    answers(world, "/v2/articles/search", [item])
    answers(world, "/v2/articles/7", item)
    for kind in ("collections", "projects"):
        answers(world, f"/v2/{kind}/7/articles", [item])
        answers(world, f"/v2/{kind}/7", item)
    for words in ("item 7", "files 7", "versions 7", "search frog", "collection 7", "project 7", "stats 7"):
        reply = await world.reply(words)
        assert reply.outcome == "ok", words
        made = blocks.message(reply, words)
        assert_is_good(made)
        leads = [each["url"] for each in elements(made["blocks"]) if each.get("url")]
        assert url not in leads
        assert not [each for each in leads if "@" in each or each.split() != [each]]


@pytest.mark.parametrize("url", [BAD, "https://figshare.com/s/1\n<!channel>", "javascript:alert(1)"])
async def test_a_private_link_that_deceives_is_no_clear_answer(desk, url):
    account = await account_for(desk.bot, "U1", desk.people)
    id = (await account.drafts()).rows[0].id
    at = f"/v2/account/articles/{id}/private_links"
    desk.goes_wrong(
        at, method="POST", status=201, body=json.dumps({"html_location": url}).encode(), headers=JSON
    )
    reply = await desk.answers.act(Act("draft.link", "U1", value=str(id), people=desk.people))
    assert "evil" not in str(reply) and "channel" not in str(reply)


@pytest.mark.parametrize("run", ["```", "````", "`" * 7, "a```b```c```"])
async def test_three_backticks_in_a_title_open_no_block(world, run):
    answers(world, "/v2/articles/7", ITEM | {"title": f"{run} frogs", "authors": [{"full_name": run}]})
    for words in ("item 7", "cite 7", "stats 7"):
        assert "```" not in (await world.message(words))["text"]
