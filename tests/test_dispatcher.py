"""What a person reads when Figshare is slow, broken or gone, and what the log keeps of it."""

import asyncio
import logging
import re
from types import ModuleType

import pytest

from bot.bot import open_bot
from bot.commands import CommandRegistry, Question, command
from bot.dispatcher import Dispatcher
from bot.metrics import Metrics
from bot.render import plain_text
from bot.reply import Reply, Table
from tests.support.bot_client import open_bot_client, settings_for
from tests.support.clock import TODAY

JSON = {"content-type": "application/json"}
HTML = {"content-type": "text/html"}
PATHS = {
    "rest": ("/v2/articles/5616445", "files 5616445", "Figshare"),
    "stats": ("/stats", "views author 2041117", "Figshare's statistics service"),
    "oai": ("/v2/oai", "oai identify", "Figshare's OAI-PMH interface"),
    "resourcesync": ("/.well-known", "resourcesync", "The portal's ResourceSync address"),
}
TROUBLE = {
    "500": ({"status": 500}, "{api} isn't responding."),
    "503 in HTML": ({"status": 503, "body": b"<html>", "headers": HTML}, "{api} isn't responding."),
    "reset": ({"kind": "reset"}, "{api} isn't responding."),
    "cut": ({"kind": "cut"}, "{api} isn't responding."),
    "429": ({"kind": "throttled", "retry_after": 1}, "{api} is asking me to slow down."),
    "403 in HTML": ({"kind": "blocked"}, "A firewall in front of {api_inside} blocked me."),
    "202 challenge": ({"kind": "challenge"}, "A firewall in front of {api_inside} blocked me."),
    "HTML with 200": (
        {"body": b"<html>hello</html>", "headers": HTML},
        "{api} sent a response I couldn't read.",
    ),
    "not the shape": ({"body": b"[1, 2]", "headers": JSON}, "{api} sent a response I couldn't read."),
    "404 in HTML": (
        {"status": 404, "body": b"<html>", "headers": HTML},
        "{api} sent a response I couldn't read.",
    ),
    "huge": ({"kind": "huge", "size": 9_000_000}, "{api} sent a response I couldn't read."),
}
SECRET_WORDS = "zanzibar"


@pytest.mark.parametrize("trouble", TROUBLE)
@pytest.mark.parametrize("api", PATHS)
async def test_the_person_reads_what_happened_and_what_to_do(client, caplog, api, trouble):
    caplog.set_level(logging.DEBUG)
    path, words, name = PATHS[api]
    how, expected = TROUBLE[trouble]
    client.goes_wrong(path, times=None, **how)
    reply = await client.reply(words)
    output = await client.ask(words)
    inside = name[0].lower() + name[1:] if api == "resourcesync" else name
    assert expected.format(api=name, api_inside=inside) in output
    assert "try again" in output.lower()
    assert reply.outcome == "trouble"
    assert any(button.label == "Try again" for button in reply.buttons)
    assert "Traceback" not in caplog.text


async def test_a_refusal_is_repeated_in_figshares_own_words(client):
    client.goes_wrong(
        "/v2/articles/search", status=422, times=None, body=b'{"message": "No <frogs> today"}', headers=JSON
    )
    text = await client.ask("search frog")
    assert "Figshare rejected the request: No <frogs> today" in text and "rephrasing" in text
    assert (await client.reply("search frog")).outcome == "wrong"
    assert "&lt;frogs&gt;" in (await client.message("search frog"))["text"]


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"status": 500}, "isn't responding"),
        ({"body": b"<html>", "headers": HTML}, "couldn't read"),
        ({"body": b"[1]", "headers": JSON}, "couldn't read"),
        ({"status": 403, "body": b'{"message": "no"}', "headers": JSON}, "have access to these statistics"),
    ],
)
async def test_a_number_that_could_not_be_had_is_unknown_and_never_0(client, how, why):
    client.goes_wrong("/stats", times=None, **how)
    for words in (
        "views 5616445",
        "stats 5616445",
        "5616445",
        "collection 4000001",
        "views 5616445 11820345",
    ):
        text = await client.ask(words)
        assert "unknown" in text, words
        assert not re.search(r"\b0 (views|downloads|shares)", text)
        assert not re.search(r" 0$", text, re.MULTILINE)
    assert why in await client.ask("views 5616445") and why in await client.ask("stats 5616445")
    for words in ("timeline 5616445", "countries 5616445", "top"):
        reply = await client.reply(words)
        assert reply.outcome == "trouble" and why in await client.ask(words)


@pytest.mark.parametrize(
    ("how", "why"),
    [({"kind": "blocked"}, "firewall"), ({"kind": "throttled", "retry_after": 1}, "slow down")],
)
async def test_a_firewall_or_a_pause_leaves_a_number_unknown(client, how, why):
    client.goes_wrong("/stats", times=None, **how)
    text = await client.ask("views 5616445")
    assert "views unknown" in text and why in text


async def test_one_counter_of_a_table_that_could_not_be_had_is_unknown(client):
    client.goes_wrong("/stats/total/views/article/11820345", status=500, times=None)
    reply = await client.reply("views 5616445 11820345")
    rows = next(part for part in reply.parts if isinstance(part, Table)).rows
    assert rows[0][2] > 0 and rows[1][2] is None
    assert "unknown" in await client.ask("views 5616445 11820345")
    assert [button.words for button in reply.buttons] == ["views 5616445 11820345"]


async def test_without_the_title_the_count_is_not_guessed(client):
    client.goes_wrong("/v2/articles", status=500, times=None)
    reply = await client.reply("views 5616445")
    assert reply.outcome == "trouble" and "Figshare isn't responding." in await client.ask("views 5616445")


async def test_an_unknown_figshares_counts_are_unknown():
    async with open_bot_client(figshare_stats_url="") as client:
        text = await client.ask("views 5616445")
        assert "views unknown" in text and "FIGSHARE_STATS_URL" in text
        assert "views unknown · downloads unknown" in await client.ask("5616445")
        assert not any("stats" in path for _, path in client.requests)


async def test_stored_answer_is_served_with_age_when_figshare_fails(client):
    before = await client.ask("stats 5616445")
    client.goes_wrong("/", status=502, times=None)
    client.clock.now += 5 * 3600
    text = await client.ask("stats 5616445")
    assert text.splitlines()[1] == before.splitlines()[1]
    assert (
        "Figshare isn't responding right now. This is its answer from 5 hours ago (23 Nov 2026, 12:00 UTC)."
        in text
    )
    assert "As of" not in text
    assert (await client.reply("stats 5616445")).outcome == "ok"


async def test_an_answer_nobody_can_read_does_not_replace_a_stored_one(client):
    await client.ask("views 5616445")
    client.goes_wrong("/", times=None, body=b'{"something": "else"}', headers=JSON)
    client.clock.now += 5 * 3600
    text = await client.ask("views 5616445")
    assert "5,908 views" in text and "5 hours ago" in text


async def test_a_newer_answer_is_fetched_behind_a_stored_one(client):
    await client.ask("stats 5616445")
    client.clock.now += 1800
    text = await client.ask("stats 5616445")
    assert "As of 23 Nov 2026, 12:00 UTC." in text
    await asyncio.sleep(0.1)
    assert "As of 23 Nov 2026, 12:30 UTC." in await client.ask("stats 5616445")


async def test_what_was_not_found_is_asked_again_after_a_minute(client):
    await client.ask("99999999")
    asked = len(client.requests)
    await client.ask("99999999")
    assert len(client.requests) == asked
    client.clock.now += 61
    await client.ask("99999999")
    assert len(client.requests) > asked


async def test_the_log_has_the_cause_and_never_the_words(client, caplog):
    caplog.set_level(logging.DEBUG)
    client.goes_wrong("/v2/articles/search", status=500, times=None)
    await client.ask(f"search {SECRET_WORDS}")
    record = next(each for each in caplog.records if each.name == "bot.dispatcher")
    assert "HTTP 500" in record.cause and record.command == "search" and record.api == "rest"
    assert SECRET_WORDS not in caplog.text
    assert all(SECRET_WORDS not in str(vars(each)) for each in caplog.records)


async def test_the_log_has_no_password(caplog):
    caplog.set_level(logging.DEBUG)
    async with open_bot_client(
        figshare_portal="lboro", figshare_stats_username="lboro", figshare_stats_password="hunter2"
    ) as client:
        reply = await client.reply("top ours")
        assert reply.outcome == "trouble"
    assert "hunter2" not in str([vars(each) for each in caplog.records]) + str(reply)


async def test_unexpected_error_has_a_reference_that_the_log_repeats(caplog):
    async def fall(*_: object) -> Reply:
        raise RuntimeError("the roof")

    module = ModuleType("falling")
    module.fall = command("fall [deep]", task="Check", examples=())(fall)
    metrics = Metrics(["fall"])
    async with open_bot(settings_for("http://127.0.0.1:9"), CommandRegistry([module]), metrics) as bot:
        reply = await Dispatcher(bot, metrics.count_answer).answer(Question(f"fall {SECRET_WORDS}", TODAY))
    output = plain_text.terminal_text(reply)
    reference = re.search(r"this bot: ([0-9a-f]{8})", output)
    assert "Something went wrong on my end." in output and "the roof" not in output
    assert reply.outcome == "failed"
    record = caplog.records[-1]
    assert record.levelname == "ERROR" and record.reference == reference[1] and record.command == "fall"
    assert "the roof" in caplog.text and SECRET_WORDS not in caplog.text
    assert b'command="fall",outcome="failed"} 1.0' in metrics.text()


async def test_what_is_slow_is_not_yet_and_found_when_asked_again():
    async with open_bot_client(patience=0.15) as client:
        slow = client.goes_wrong("/v2/articles/5616445", delay=0.4)
        reply = await client.reply("files 5616445")
        assert reply.title == ("Figshare hasn't answered yet.",)
        assert [(button.label, button.words) for button in reply.buttons] == [("Try again", "files 5616445")]
        await asyncio.sleep(0.4)
        assert (await client.ask(reply.buttons[0].words)).startswith("Using APIs")
        assert slow.happened == 1
        assert [path for _, path in client.requests].count("/v2/articles/5616445") == 1


async def test_a_slow_counter_is_not_yet_beside_a_title_that_came():
    async with open_bot_client(patience=0.15) as client:
        client.goes_wrong("/stats", delay=0.4, times=None)
        reply = await client.reply("views 5616445")
        text = await client.ask("views 5616445")
        assert text.startswith("Using APIs") and "views not yet" in text
        assert reply.buttons[0].label == "Try again"
        table = await client.ask("views 5616445 11820345")
        assert "not yet" in table
        await asyncio.sleep(0.6)
        assert "5,908 views" in await client.ask("views 5616445")


async def test_a_slow_title_of_a_ranking_is_not_yet():
    async with open_bot_client(patience=0.3) as client:
        client.goes_wrong("/v2/articles/20291007", delay=0.6)
        text = await client.ask("top 2")
        assert "item 20291007 (title not yet)" in text and "frogwatch" in text


async def test_a_hundred_askers_of_the_same_are_one_request_each(client):
    client.goes_wrong("/", delay=0.1, times=2)
    asks = [Question("views 5616445", TODAY, user=f"U{n}") for n in range(100)]
    replies = await asyncio.gather(*(client.dispatcher.answer(ask) for ask in asks))
    assert len({reply.parts for reply in replies}) == 1 and replies[0].outcome == "ok"
    assert sorted(path for _, path in client.requests) == [
        "/stats/total/views/article/5616445",
        "/v2/articles/5616445",
    ]


async def test_impatient_requester_does_not_cancel_the_shared_request(client):
    client.goes_wrong("/", delay=0.1, times=2)
    first = asyncio.create_task(client.reply("views 5616445", user="U1"))
    second = asyncio.create_task(client.reply("views 5616445", user="U2"))
    await asyncio.sleep(0.03)
    first.cancel()
    assert (await second).outcome == "ok"
    assert len(client.requests) == 2


@pytest.mark.parametrize(
    ("words", "requests"),
    [
        ("help", 0),
        ("views", 0),
        ("frobnicate", 0),
        ("5616445", 2),
        ("item 5616445.v1", 3),
        ("files 11820345", 2),
        ("cite 5616445", 1),
        ("cite 5616445 datacite", 2),
        ("versions 5616445", 4),
        ("search frog", 1),
        ("collection 4000001", 3),
        ("project 113166", 3),
        ("top authors", 1),
        ("timeline 5616445", 4),
        ("countries 5616445", 3),
        ("oai record 5616445", 1),
        ("oai identify", 1),
        ("status", 4),
    ],
)
async def test_how_often_figshare_is_asked(client, words, requests):
    await client.reply(words)
    assert len(client.requests) == requests


async def test_a_flaky_answer_is_asked_for_again(client):
    client.goes_wrong("/v2/articles/5616445", status=502, times=2)
    assert (await client.ask("cite 5616445")).startswith("Using APIs")
    assert len(client.requests) == 3


async def test_a_refusal_or_a_firewall_is_not_asked_twice(client):
    for how in ({"kind": "blocked"}, {"kind": "challenge"}, {"kind": "throttled", "retry_after": 1}):
        client.requests.clear()
        client.catalogue.state.faults.clear()
        client.goes_wrong("/v2/articles/search", times=None, **how)
        await client.reply(f"search {next(iter(how.values()))}")
        assert len(client.requests) == 1
        await client.reply(f"search {next(iter(how.values()))}")
        assert len(client.requests) == 1


async def test_outcomes_are_counted_without_what_was_asked(client):
    await client.ask("views 5616445")
    await client.ask("views frog")
    await client.ask(SECRET_WORDS)
    text = client.metrics.text().decode()
    assert 'figshare_bot_commands_total{command="views",outcome="ok"} 1.0' in text
    assert 'figshare_bot_commands_total{command="views",outcome="wrong"} 1.0' in text
    assert 'figshare_bot_commands_total{command="unknown",outcome="wrong"} 1.0' in text
    assert "5616445" not in text and SECRET_WORDS not in text
