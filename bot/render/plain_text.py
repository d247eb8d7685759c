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
    Mention,
    Moment,
    Reply,
    Rows,
    Span,
    Table,
    Text,
)
from bot.text import cut, escape, formatted_count, isolated, utc_time

# What Slack recommends for `text`: https://docs.slack.dev/reference/methods/chat.postMessage
MAX_FALLBACK_LENGTH = 3_900
MAX_CELL_WIDTH = 60


def fallback_text(reply: Reply) -> str:
    """Return the `text` of a Slack message: all of the reply, escaped, and cut after a line if too long."""
    fitting, length = list[str](), 0
    for line in reply_lines(reply, escape):
        # Three backticks would open a block that swallows what follows.
        line = line.replace("```", "´´´")
        length += len(line) + 1
        if length > MAX_FALLBACK_LENGTH:
            fitting.append("… cut here")
            break
        fitting.append(line)
    return "\n".join(fitting)


def terminal_text(reply: Reply) -> str:
    """Return the answer for a terminal, with the addresses of links and the questions of buttons."""
    output = list(reply_lines(reply, str, urls=True))
    is_paged = reply.page_labels == Reply(()).page_labels
    if reply.has_next_page and is_paged:
        output.append(f"There is a next page: add --page {reply.page + 1}.")
    # An action takes a press; a question can be typed and an address opened.
    typeable = [button for button in reply.buttons if not button.action]
    output += [f"→ {button.label}: {button.words or button.url}" for button in typeable]
    if reply.has_next_page and not is_paged:
        output.append(f"→ {reply.page_labels[1]}: add --page {reply.page + 1}")
    return "\n".join(output)


def reply_lines(reply: Reply, escape_text: Callable[[str], str], urls: bool = False) -> Iterable[str]:
    """Yield everything that a reply says, line by line; with `urls`, links show their addresses."""

    def text_of(line: Line) -> str:
        return "".join([_span_text(span, escape_text, urls) for span in line])

    yield text_of(reply.title)
    for part in reply.parts:
        match part:
            case Text(line, label):
                yield (escape_text(label) + ": " if label else "") + text_of(line)
            case Rows(rows, first):
                for index, row in enumerate(rows):
                    yield (f"{first + index}. " if first is not None else "• ") + text_of(row[0])
                    yield from ("   " + text_of(line) for line in row[1:])
            case Table():
                yield from (escape_text(line) for line in table_lines(part))
            case Copy(text):
                yield escape_text(text)
            case Chart(caption=caption) if caption:
                yield from (escape_text(line) for line in chart_lines(part))
            case Chart():
                pass  # its counts are in the table beside it
    yield from (text_of(footnote) for footnote in reply.footnotes)


def _span_text(span: Span, escape_text: Callable[[str], str], urls: bool) -> str:
    match span:
        case str():
            return escape_text(span)
        case Mention(id):
            return f"<@{id}>"
        case Channel(id):
            return f"<#{id}>"
        case Moment(timestamp):
            return utc_time(timestamp)
        case Link(text, url) if urls and url and url != text:
            return escape_text(f"{text} <{url}>")
        case _:
            return escape_text(span.text)


def chart_lines(chart: Chart) -> list[str]:
    """Return the counts of a chart in words: what its categories are, and a line for each series."""
    return [
        chart.caption,
        *(
            f"{isolated(name)}  "
            + " · ".join(
                f"{label}:\u00a0{formatted_count(value)}"
                for label, value in zip(chart.categories, values, strict=True)
            )
            for name, values in chart.series
        ),
    ]


def cell_text(value: Cell) -> str:
    """Return what is written in a cell of a table."""
    if isinstance(value, Link):
        return value.text
    return value if isinstance(value, str) else formatted_count(value)


def is_numeric(value: Cell) -> bool:
    """Return whether a cell may stand in a column of numbers."""
    return value == NOT_ASKED or not isinstance(value, str | Link)


def table_lines(table: Table) -> list[str]:
    """Return a table for a fixed-width font: the first column and texts to the left, numbers to the right."""
    rows = [
        table.columns,
        *(tuple(cut(cell_text(value), MAX_CELL_WIDTH) for value in row) for row in table.rows),
    ]
    columns = range(len(table.columns))
    widths = [max(len(row[index]) for row in rows) for index in columns]
    right_aligned = {index for index in columns[1:] if all(is_numeric(row[index]) for row in table.rows)}
    return [
        "  ".join(
            text.rjust(width) if index in right_aligned else text.ljust(width)
            for index, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
