"""What an answer says in plain lines: in a terminal, a notification, a screen reader."""

from hypothesis import given
from hypothesis import strategies as st

from bot.render import plain_text
from bot.reply import Button, Chart, Code, Copy, Line, Link, Moment, Reply, Rows, Table, Text


def test_reply_is_written_line_by_line():
    rows: tuple[tuple[Line, ...], ...] = ((("frog",), ("small",)), (("toad",),))
    reply = Reply(
        (Link("Frogs", "https://figshare.com/1"),),
        (
            Text(("by ", Code("Ada")), "Item"),
            Rows(rows, first_number=6),
            Chart("Views", "line", ("Jan",), (("Views", (1,)),)),
            Table("Views", ("Month", "Views"), (("Jan", 1_000), ("February", None))),
            Copy("@misc{a,\n}"),
        ),
        footnotes=(("As of ", Moment(0)),),
        buttons=(Button("Files", "files 1"), Button("Docs", url="https://docs.figshare.com")),
        has_next_page=True,
    )
    assert plain_text.terminal_text(reply).splitlines() == [
        "Frogs <https://figshare.com/1>",
        "Item: by Ada",
        "6. frog",
        "   small",
        "7. toad",
        "Month       Views",
        "Jan         1,000",
        "February  unknown",
        "@misc{a,",
        "}",
        "As of 1 Jan 1970, 00:00 UTC",
        "There is a next page: add --page 2.",
        "→ Files: files 1",
        "→ Docs: https://docs.figshare.com",
    ]


@given(st.text(), st.text())
def test_text_is_escaped_for_slack(title, label):
    output = plain_text.fallback_text(
        Reply((title,), (Text((Link(title, "https://x.org"), Code(title)), label),))
    )
    assert "<" not in output and ">" not in output
    assert output.count("&") == output.count("&amp;") + output.count("&lt;") + output.count("&gt;")


@given(st.lists(st.text(max_size=800), max_size=30))
def test_fallback_is_short_and_shows_where_it_is_cut(lines):
    reply = Reply(("t",), tuple(Text((line,)) for line in lines))
    output = plain_text.fallback_text(reply)
    assert len(output) <= 4_000
    whole = "\n".join(plain_text.reply_lines(reply, plain_text.escape)).replace("```", "´´´")
    assert output == whole or output.endswith("… cut here")


async def test_fallback_has_the_same_facts_as_the_terminal(client):
    for words in ("5616445", "stats 5616445", "timeline 5616445", "search title:tree", "versions 11820345"):
        text = (await client.message(words))["text"]
        for fact in (await client.ask(words)).split("\n→")[0].splitlines():
            assert plain_text.escape(fact.partition(" <http")[0]) in text
