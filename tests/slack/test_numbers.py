"""A number of any size is answered: in a question, in a button, in a form and as a page."""

import re
from typing import Any

import pytest
import sqlalchemy

from bot.commands import Interaction
from bot.reply import Choice

NUMBERS = (
    "2147483648",
    "9223372036854775808",
    "1" + "0" * 30,
    "9" * 5_000,
    "²",
    "٣",
    "１",
    "-1",
    "1.5",
    "\u0661\u0662",
)


NUMBERED = (
    *("{}", "views {}", "item {}", "collection {}", "project {}", "stats author {}", "stats group {}"),
    *(
        "files {}",
        "versions {}",
        "cite {}",
        "5616445.v{}",
        "10.6084/m9.figshare.{}",
        "views 5616445 last {} days",
    ),
    *(
        "views 5616445 {}",
        "views 5616445 {}-01",
        "views 5616445 Q1 {}",
        "views 5616445 2020..{}",
        "top views {}",
    ),
    *("search frog page:{}", "search frog limit:{}", "search frog group:{}", "search frog since:{}"),
    *(
        "search frog project:{}",
        "search frog institution:{}",
        "search frog type:{}",
        "new {}",
        "new portal {}",
    ),
    *(
        "new since {}",
        "oai record {}",
        "draft delete {}",
        "unsubscribe {}",
        "pause {}",
        "resume {}",
        "send {}",
    ),
    *("subscribe {}", "subscribe 5616445 on {}", "subscribe 5616445 at {}", "subscribe 5616445 at {}:{}"),
    *('subscribe 5616445 cron "{} 9 * * *"', 'subscribe 5616445 cron "0 {} * * *"'),
    *('subscribe 5616445 cron "0 9 {} * *"', 'subscribe 5616445 cron "0 9 1-{} * *"'),
    *('subscribe 5616445 cron "0 9 */{} * *"', 'subscribe 5616445 cron "0 9 * * 1#{}"'),
)


CARRYING = (
    *("draft.card", "draft.edit", "draft.delete", "draft.reserve", "draft.link", "draft.save"),
    *("digest.change", "digest.stop", "digest.pause", "digest.resume", "digest.send", "digest.adopt"),
    *("digest.save", "digest.create", "digest.form", "digest.weekly"),
)


def logged_errors(caplog: Any) -> list[str]:
    return [str(each.exc_info and each.exc_info[1]) for each in caplog.records if each.levelname == "ERROR"]


@pytest.mark.parametrize("words", NUMBERED)
async def test_number_of_any_size_is_answered_and_never_stored(drafts_client, caplog, words):
    parameters_sent = list[Any]()

    def executed(_: Any, __: Any, ___: str, parameters: Any, *____: Any) -> None:
        parameters_sent.extend(parameters if isinstance(parameters, list | tuple) else ())

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", executed)
    try:
        for number in NUMBERS:
            reply = await drafts_client.reply(words.replace("{}", number))
            assert reply.outcome != "failed", number[:40]
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", executed)
    assert logged_errors(caplog) == []
    assert not [each for each in parameters_sent if isinstance(each, int) and abs(each) > 2**31 - 1]
    # a DOI is a text, whatever number it ends with
    assert not [
        request
        for request in drafts_client.requests
        if re.search("[0-9]{20}", request[1]) and "doi=" not in request[1]
    ]


@pytest.mark.parametrize("name", CARRYING)
async def test_number_in_a_button_is_bounded(drafts_client, caplog, name):
    for number in (
        *NUMBERS,
        "",
        "frog",
        '{"id":1' + "0" * 30 + "}",
        '{"id":1e400}',
        '{"id":-1,"base":{}}',
        "[]",
        "\ud800",
    ):
        values = {"categories": (Choice("a", number),), "licence": (Choice("a", number),), "title": "Frogs"}
        act = Interaction(name, "U1", number, number, values, drafts_client.people, "C1")
        assert (await drafts_client.dispatcher.run_action(act)).outcome != "failed", number[:40]
    assert logged_errors(caplog) == []
    assert not [request for request in drafts_client.requests if re.search("[0-9]{20}", request[1])]


async def test_number_chosen_in_a_form_is_bounded(drafts_client, caplog):
    for number in NUMBERS:
        chosen = (Choice("a", number),)
        values = {"title": f"Frogs {number[:20]}", "categories": chosen, "licence": chosen, "group": chosen}
        reply = await drafts_client.dispatcher.run_action(
            Interaction("draft.create", "U1", "", f"V{number}", values, drafts_client.people, "C1")
        )
        assert reply.outcome != "failed", number[:40]
    assert logged_errors(caplog) == []


@pytest.mark.parametrize("page", [-1, 0, 2**31, 2**63, 10**30])
@pytest.mark.parametrize(
    "words", ["search frog", "new", "oai sets", "drafts", "drafts log", "subscriptions", "help"]
)
async def test_page_of_any_number_is_answered(drafts_client, words, page):
    assert (await drafts_client.reply(words, page=page)).outcome != "failed"
    assert not [request for request in drafts_client.requests if re.search("[0-9]{10}", request[1])]
