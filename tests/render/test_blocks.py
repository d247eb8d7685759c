"""Any answer becomes a message that Slack accepts and that can ping nobody."""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.emulators.figshare.library import Library
from bot.render import blocks
from bot.render.blocks import message_payload
from bot.reply import Button, Chart, Code, Copy, Line, Link, Mention, Moment, Reply, Rows, Strong, Table, Text
from tests.support.bot_client import open_bot_client
from tests.support.clock import NOON
from tests.support.message_checks import INDEPENDENT, assert_is_good

HOSTILE = [
    "<!channel>",
    "<!here|here>",
    "<@U123>",
    "<#C1>",
    "<https://evil.example|figshare.com>",
    "&lt;!everyone&gt;",
    "@channel",
    "```",
    "*bold*",
    "\u202e",
    "\u200b",
    "\x00",
    "\n\n",
    "|",
    "`",
    "🐸" * 40,
    "A" * 4_000,
    "&" * 2_000,
    "",
    " ",
]
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60), st.text(min_size=200, max_size=600))
urls = st.sampled_from(
    [None, "https://figshare.com/articles/1", "https://x.org/a?b=1&c=<d>|e".replace("<d>|", "")]
)
spans = st.one_of(
    texts,
    st.builds(Strong, texts),
    st.builds(Code, texts),
    st.builds(Link, texts, urls, st.booleans()),
    st.builds(Moment, st.floats(0, 4e9)),
)
lines: st.SearchStrategy[Line] = st.lists(spans, min_size=1, max_size=4).map(tuple)
own_notes = st.lists(
    st.one_of(st.just("As of "), st.builds(Moment, st.floats(0, 4e9)), texts), max_size=4
).map(tuple)
cells = st.one_of(texts, st.integers(0, 10**12), st.none(), st.builds(Link, texts, urls))
tables = st.integers(1, 4).flatmap(
    lambda width: st.builds(
        Table,
        texts,
        st.tuples(*[texts] * width),
        st.lists(st.tuples(*[cells] * width), min_size=1, max_size=120).map(tuple),
    )
)
rows = st.builds(
    Rows, st.lists(st.lists(lines, min_size=1, max_size=3).map(tuple), min_size=1, max_size=30).map(tuple)
)
parts = st.one_of(
    st.builds(Text, lines, texts),
    rows,
    st.builds(Copy, st.one_of(texts, st.text(min_size=3_000, max_size=4_000))),
)
replies = st.builds(
    Reply,
    lines,
    st.tuples(st.lists(parts, max_size=8), st.lists(tables, max_size=1)).map(
        lambda both: (*both[0], *both[1])
    ),
    st.lists(own_notes, max_size=3).map(tuple),
    st.lists(st.builds(Button, texts, texts), max_size=6).map(tuple),
    st.integers(1, 3),
    st.booleans(),
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(reply=replies, words=texts, share=st.booleans())
def test_any_text_makes_a_valid_message_without_pings(reply, words, share):
    assert_is_good(message_payload(reply, words, share=share))
    assert_is_good(message_payload(reply, words, kinds=(), share=share))


def test_person_is_mentioned_only_by_the_bot():
    payload = message_payload(Reply(("x",), footnotes=(("Shared by ", Mention("U1"), "."),)))
    assert "<@U1>" in payload["text"]
    assert_is_good(payload, frozenset({"U1"}))


COMMANDS = (
    "item",
    "files",
    "versions",
    "cite",
    "cite bibtex",
    "oai record",
    "stats",
    "timeline",
    "countries",
)


async def test_every_sample_record_makes_a_valid_message():
    library = Library.load(NOON)
    async with open_bot_client() as client:
        text = [
            *(
                f"{command.split()[0]} {'record ' if command == 'oai record' else ''}{id}"
                f"{' bibtex' if 'bibtex' in command else ''}"
                for id in library.articles
                for command in COMMANDS
            ),
            *(
                f"{command} {kind} {id}"
                for kind, ids in (("collection", library.collections), ("project", library.projects))
                for id in ids
                for command in ("item", "stats", "versions", "cite", "timeline")
            ),
            *(
                "search frog limit:100",
                "search limit:100 sort:views",
                "new since 2012",
                "oai sets",
                "oai formats",
            ),
            *("top 100", "top authors 100", "resourcesync", "status", "help", "search collections look"),
            "views " + " ".join(str(id) for id in [*library.articles][-10:]),
        ]
        replies = await asyncio.gather(*(client.reply(words) for words in text))
    for index, (words, reply) in enumerate(zip(text, replies, strict=True)):
        assert reply.outcome != "failed", words
        payload = message_payload(reply, words, share=True)
        # The independent checker is slow.
        assert_is_good(payload, independent=index % 20 == 0)
        assert_is_good(message_payload(reply, words, kinds=()), independent=False)
        if INDEPENDENT is not None and index % 40 == 0:
            problems = INDEPENDENT.check(payload)
            assert [str(one) for one in problems if one.level == "error"] == [], words
    assert len(text) > 400


async def test_hostile_titles_are_shown_literally(client):
    payload = await client.message("25110337")
    title = payload["blocks"][0]["elements"][0]["elements"][0]
    assert title["type"] == "link" and title["url"].startswith("https://figshare.com/articles/")
    assert "*stars*, _lines_, `ticks`" in title["text"]
    assert "alert" not in str(payload)
    assert "\u202e" not in str(await client.message("25110340"))


async def test_very_long_title_is_cut_visibly_in_lists(client):
    payload = await client.message("search title:nobody title:reads")
    title = payload["blocks"][1]["elements"][0]["elements"][1]["text"]
    assert len(title) <= 250 and title.endswith("…")


def test_blocks_that_do_not_fit_are_omitted_with_a_footnote():
    payload = message_payload(Reply(("t",), tuple(Text(("x" * 2_000,)) for _ in range(20))))
    assert len(payload["blocks"]) < 10
    assert "The rest didn't fit into this message." in payload["blocks"][-1]["elements"][0]["text"]
    payload = message_payload(Reply(("t",), (Rows(tuple((("row",), ("facts",)) for _ in range(10))),) * 5))
    assert len(payload["blocks"]) <= 50
    assert "didn't fit" in str(payload["blocks"][-1])


def test_too_long_notification_text_is_cut_visibly():
    payload = message_payload(Reply(("t",), tuple(Text(("x" * 500,)) for _ in range(12))))
    assert len(payload["text"]) < 4_000 and payload["text"].endswith("… cut here")


@given(st.text(alphabet="ab \n", max_size=400), st.integers(5, 60))
def test_copy_pieces_are_the_whole_text(text, longest):
    pieces = blocks.copy_pieces(text, longest)
    assert all(len(piece) <= longest for piece in pieces)
    assert "".join(pieces).replace("\n", "") == text.replace("\n", "")


def test_charts_and_tables_are_omitted_where_unsupported():
    chart = Chart("Views", "line", ("Jan", "Feb"), (("Views", (1, 2)),))
    table = Table("By month", ("Month", "Views"), (("Jan", 1), ("Feb", None)))
    reply = Reply(("t",), (chart, table))
    kinds = [block["type"] for block in message_payload(reply)["blocks"]]
    assert kinds == ["rich_text", "data_visualization", "table"]
    plain = message_payload(reply, kinds=())
    assert [block["type"] for block in plain["blocks"]] == ["rich_text", "rich_text"]
    assert "Month    Views\nJan          1\nFeb    unknown" in plain["text"]


def test_unknown_count_is_neither_empty_nor_zero():
    payload = message_payload(Reply(("t",), (Table("c", ("A", "B"), (("x", None),)),)))
    assert payload["blocks"][1]["rows"][1][1] == {"type": "raw_text", "text": "unknown"}
