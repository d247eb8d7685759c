"""An answer as plain lines: for notifications, screen readers and the terminal."""

from collections.abc import Callable, Iterable

from bot.reply import (
    NOT_ASKED,
    Cell,
    Channel,
    Chart,
    Copy,
    Line,
    Link,
    Moment,
    Person,
    Reply,
    Rows,
    Span,
    Table,
    Text,
)
from bot.text import cut, escape, moment, number

# What Slack's documentation recommends for `text`: https://docs.slack.dev/reference/methods/chat.postMessage
LONGEST = 3_900
WIDEST_CELL = 60


def fallback(reply: Reply) -> str:
    """Write the `text` of a Slack message: the same facts, escaped, cut at a line when it grows too long."""
    kept, length = [], 0
    for line in lines(reply, escape):
        # Three of them open a block that swallows what follows.
        line = line.replace("```", "´´´")
        length += len(line) + 1
        if length > LONGEST:
            kept.append("… cut here")
            break
        kept.append(line)
    return "\n".join(kept)


def terminal(reply: Reply) -> str:
    """Write the answer for a terminal, with the addresses of links and what the buttons would ask."""
    said = list(lines(reply, str, urls=True))
    if reply.has_next_page:
        said.append("There is a next page.")
    asked = [button for button in reply.buttons if not button.action]
    said += [f"→ {button.label}: {button.words or button.url}" for button in asked]
    return "\n".join(said)


def lines(reply: Reply, made_safe: Callable[[str], str], urls: bool = False) -> Iterable[str]:
    """Say everything, line by line."""

    def say(line: Line) -> str:
        return "".join([_span(span, made_safe, urls) for span in line])

    yield say(reply.title)
    for part in reply.parts:
        match part:
            case Text(line, label):
                yield (made_safe(label) + ": " if label else "") + say(line)
            case Rows(rows, first):
                for at, row in enumerate(rows):
                    yield (f"{first + at}. " if first is not None else "• ") + say(row[0])
                    yield from ("   " + say(line) for line in row[1:])
            case Table():
                yield from (made_safe(line) for line in aligned(part))
            case Copy(text):
                yield made_safe(text)
            case Chart():
                pass  # its figures are in the table beside it
    yield from (say(note) for note in reply.footnotes)


def _span(span: Span, made_safe: Callable[[str], str], urls: bool) -> str:
    match span:
        case str():
            return made_safe(span)
        case Person(id):
            return f"<@{id}>"
        case Channel(id):
            return f"<#{id}>"
        case Moment(at):
            return moment(at)
        case Link(text, url) if urls and url and url != text:
            return made_safe(f"{text} <{url}>")
        case _:
            return made_safe(span.text)


def cell(value: Cell) -> str:
    """Write what stands in a table."""
    if isinstance(value, Link):
        return value.text
    return value if isinstance(value, str) else number(value)


def is_figure(value: Cell) -> bool:
    """Tell whether a cell belongs into a column of figures."""
    return value == NOT_ASKED or not isinstance(value, str | Link)


def aligned(table: Table) -> list[str]:
    """Write a table for a fixed-width font: the first column to the left, figures to the right."""
    rows = [table.columns, *(tuple(cut(cell(value), WIDEST_CELL) for value in row) for row in table.rows)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(table.columns))]
    left = {at for at in range(len(widths)) if at == 0 or not all(is_figure(row[at]) for row in table.rows)}
    return [
        "  ".join(
            text.ljust(width) if at in left else text.rjust(width)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
