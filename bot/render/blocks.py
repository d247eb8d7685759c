"""An answer as Slack's Block Kit, within its limits: https://docs.slack.dev/reference/block-kit/blocks.

Untrusted text stands in rich text, whose contents Slack takes literally: it can't ping, link or format.
"""

from collections.abc import Collection, Sequence
from typing import Any

from bot.render.buttons import Block, buttons
from bot.render.plain_text import aligned, cell, fallback, is_figure
from bot.reply import (
    Cell,
    Channel,
    Chart,
    Code,
    Copy,
    Line,
    Link,
    Moment,
    Part,
    Person,
    Reply,
    Rows,
    Span,
    Strong,
    Table,
    Text,
)
from bot.text import cut, escape, fitted, moment

NATIVE = frozenset({"data_visualization", "table"})
MOST_BLOCKS = 47  # of 50, with room for the small print and buttons
MOST_TEXT = 11_000  # over all blocks; about 13,000 were refused as msg_blocks_too_long
LONGEST_COPY = 2_900
LONGEST_SPAN = 2_900
LONGEST_TEXT = 3_000
ROOMY = 10  # rows up to which each has blocks of its own
KEPT = "kept:"  # what blocks are called that a press brings back
MOST_ROWS, LONGEST_TABLE = 99, 9_000
CHART_TITLE, CHART_LABEL, CHART_POINTS, CHART_SERIES = 50, 20, 20, 6


def message(
    reply: Reply, words: str = "", kinds: Collection[str] = NATIVE, share: bool = False
) -> dict[str, Any]:
    """Build the `text` and `blocks` of a message; `kinds` are the native blocks that Slack takes."""
    return {"text": fallback(reply), "blocks": blocks(reply, words, kinds, share)}


def blocks(reply: Reply, words: str, kinds: Collection[str], share: bool) -> list[Block]:
    """Build the blocks; what would be too much is left out, and said."""
    built, total, left = [_rich(_section(_strong(reply.title)))], 0, 0
    for part in reply.parts:
        for block, weight in _part(part, kinds):
            if len(built) < MOST_BLOCKS and total + weight <= MOST_TEXT:
                built.append(block)
                total += weight
            else:
                left += 1
    notes = [*reply.footnotes, ("The rest did not fit into a message.",)] if left else list(reply.footnotes)
    if notes:
        built.append(_context(_note(notes)))
    if pressed := buttons(reply, words, share):
        built.append({"type": "actions", "elements": pressed[:25]})
    return built


def is_plain(reply: Reply) -> bool:
    """Tell whether Slack can't refuse any of its blocks for being new."""
    return not any(isinstance(part, Chart | Table) for part in reply.parts)


def _part(part: Part, kinds: Collection[str]) -> list[tuple[Block, int]]:
    match part:
        case Text(line, label):
            spans: Line = (Strong(label), "  ", *line) if label else line
            return [(_rich(_section(spans)), _weight(spans))]
        case Rows(rows, first, dense):
            numbers = [None if first is None else first + at for at in range(len(rows))]
            return _roomy(rows, numbers) if len(rows) <= ROOMY and not dense else _dense(rows, numbers)
        case Chart():
            return [(_chart(part), 0)] if "data_visualization" in kinds and part.categories else []
        case Table():
            if "table" in kinds and len(part.rows) <= MOST_ROWS and _size(part) <= LONGEST_TABLE:
                return [(_table(part), 0)]
            return [(_preformatted(piece), len(piece)) for piece in pieces("\n".join(aligned(part)))]
        case Copy(text, name):
            made = [(_preformatted(piece), len(piece)) for piece in pieces(text)]
            if name:
                for at, (block, _) in enumerate(made):
                    block["block_id"] = f"{KEPT}{name}:{at}"
            return made


def line_block(line: Line, block_id: str) -> Block:
    """Build a block of one line, for a modal."""
    return {**_rich(_section(line)), "block_id": block_id}


def _weight(line: Line) -> int:
    return sum(len(_words(span)) for span in line)


def _rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": list(elements)}


def _section(line: Line) -> Block:
    # Slack refuses a message for one empty text in it.
    said = [_element(span) for span in line if span != "" and getattr(span, "text", span) != ""]
    return {"type": "rich_text_section", "elements": said or [_element(" ")]}


def _preformatted(text: str) -> Block:
    return _rich({"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]})


def _strong(line: Line) -> Line:
    return tuple(
        Strong(span)
        if isinstance(span, str)
        else Link(span.text, span.url, True)
        if isinstance(span, Link)
        else span
        for span in line
    )


def _element(span: Span) -> Block:
    match span:
        case str():
            return {"type": "text", "text": cut(span, LONGEST_SPAN)}
        case Strong(text):
            return {"type": "text", "text": cut(text, LONGEST_SPAN), "style": {"bold": True}}
        case Code(text):
            return {"type": "text", "text": cut(text, LONGEST_SPAN), "style": {"code": True}}
        case Person(id):
            return {"type": "user", "user_id": id}
        case Channel(id):
            return {"type": "channel", "channel_id": id}
        case Moment(at):
            return {
                "type": "date",
                "timestamp": int(at),
                "format": "{date_short} {time}",
                "fallback": moment(at),
            }
        case Link(text, url, strong):
            style: Block = {"style": {"bold": True}} if strong else {}
            if url is None:
                return {"type": "text", "text": cut(text, LONGEST_SPAN), **style}
            return {"type": "link", "url": url, "text": cut(text, LONGEST_SPAN) or url, **style}


def _roomy(rows: Sequence[tuple[Line, ...]], numbers: list[int | None]) -> list[tuple[Block, int]]:
    """Give each row two blocks: its first line, and the others small and grey below it."""
    made: list[tuple[Block, int]] = []
    for row, number in zip(rows, numbers, strict=True):
        made.append((_rich(_section(_numbered(row[0], number))), _weight(row[0])))
        for line in row[1:]:
            text = fitted("".join(_words(span) for span in line), (LONGEST_SPAN, 600), LONGEST_TEXT)
            if text:
                made.append((_context({"type": "plain_text", "text": text, "emoji": False}), _weight(line)))
    return made


def _dense(rows: Sequence[tuple[Line, ...]], numbers: list[int | None]) -> list[tuple[Block, int]]:
    """Put many rows into few blocks."""
    made: list[tuple[Block, int]] = []
    for at in range(0, len(rows), ROOMY):
        some = rows[at : at + ROOMY]
        spans: list[Span] = []
        for row, number in zip(some, numbers[at:], strict=False):
            for line in row:
                spans += [*(("\n",) if spans else ()), *(_numbered(line, number) if line is row[0] else line)]
        made.append((_rich(_section(tuple(spans))), _weight(tuple(spans))))
    return made


def _numbered(line: Line, number: int | None) -> Line:
    return line if number is None else (f"{number}. ", *line)


def _words(span: Span) -> str:
    return span if isinstance(span, str) else getattr(span, "text", "")


def _context(element: Block) -> Block:
    return {"type": "context", "elements": [element]}


def _note(notes: list[Line]) -> Block:
    said, length = [], 0
    for note in notes:
        line = "".join(_mrkdwn(span) for span in note)
        length += len(line) + 1
        if length <= LONGEST_SPAN:
            said.append(line)
    return {"type": "mrkdwn", "text": "\n".join(said) or " "}


def _mrkdwn(span: Span) -> str:
    match span:
        case str():
            return escape(span)
        case Strong(text):
            return f"*{escape(text)}*"
        case Code(text):
            return f"`{escape(text.replace('`', '´'))}`"
        case Person(id):
            return f"<@{id}>"
        case Channel(id):
            return f"<#{id}>"
        case Moment(at):
            return f"<!date^{int(at)}^{{date_short}} {{time}}|{moment(at)}>"
        case Link(text, url):
            return f"<{escape(url)}|{escape(text).replace('|', '¦')}>" if url else escape(text)


def _chart(chart: Chart) -> Block:
    labels = [cut(label, CHART_LABEL) for label in chart.categories[:CHART_POINTS]]
    return {
        "type": "data_visualization",
        "title": cut(chart.title, CHART_TITLE),
        "chart": {
            "type": chart.kind,
            "series": [
                {
                    "name": cut(name, CHART_LABEL),
                    "data": [
                        {"label": label, "value": value} for label, value in zip(labels, values, strict=False)
                    ],
                }
                for name, values in chart.series[:CHART_SERIES]
            ],
            "axis_config": {"categories": labels},
        },
    }


def _size(table: Table) -> int:
    return sum(len(cell(value)) for row in (table.columns, *table.rows) for value in row)


def _table(table: Table) -> Block:
    figures = [all(is_figure(row[at]) for row in table.rows) for at in range(len(table.columns))]
    return {
        "type": "table",
        "column_settings": [
            {"align": "right" if figure else "left", "is_wrapped": not figure} for figure in figures
        ],
        "rows": [
            [_cell(name) for name in table.columns],
            *([_cell(value) for value in row] for row in table.rows),
        ],
    }


def _cell(value: Cell) -> Block:
    if isinstance(value, Link) and value.url:
        return _rich(_section((Link(cut(value.text, 200), value.url),)))
    return {"type": "raw_text", "text": cut(cell(value), 200) or "–"}


def pieces(text: str, longest: int = LONGEST_COPY) -> list[str]:
    """Cut text to copy between lines, or between words where a line is too long."""
    found, start = list[str](), 0
    while len(text) - start > longest:
        end = start + longest
        at = text.rfind("\n", start + 1, end)
        if at < 0:
            at = text.rfind(" ", start + 1, end)
        if at < 0:
            at = end
        found.append(text[start:at])
        while start < at < end and text[at : at + 1] == "\n":
            at, end = at + 1, end + 1
        start = at
    return [*found, text[start:]] if text[start:] else found
