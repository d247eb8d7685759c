"""An answer as Slack's Block Kit, within its limits: https://docs.slack.dev/reference/block-kit/blocks."""

from collections.abc import Collection, Sequence
from typing import Any

from bot.render.buttons import button_elements
from bot.render.plain_text import cell_text, chart_lines, fallback_text, is_numeric, table_lines
from bot.render.rich_text import (
    MAX_TEXT,
    Block,
    in_bold,
    mrkdwn_text,
    plain_line,
    preformatted,
    rich_text,
    section,
)
from bot.reply import Cell, Chart, Copy, Line, Link, Part, Reply, Rows, Span, Strong, Table, Text
from bot.text import cut, escaped_to_fit

# Kinds of blocks that are new in Slack: a workspace may not take them yet.
NATIVE_BLOCKS = frozenset({"data_visualization", "table"})
MAX_BLOCKS = 47  # of 50, with room for the footnotes and buttons
MAX_TOTAL_TEXT = 11_000  # over all blocks; about 13,000 were refused as msg_blocks_too_long
MAX_BUTTONS = 25
MAX_COPY = 2_900
MAX_CONTEXT_TEXT = 3_000
ROWS_WITH_OWN_BLOCKS = 10
# Begins the ids of blocks whose text a button can put back into a form. Old messages have it too.
COPY_BLOCK_PREFIX = "kept:"
MAX_TABLE_ROWS, MAX_TABLE_TEXT, MAX_CELL = 99, 9_000, 200
MAX_CHART_TITLE, MAX_CHART_LABEL, MAX_CHART_POINTS, MAX_CHART_SERIES = 50, 20, 20, 6

# A block, and how many characters of it count towards the limit of a message.
WeightedBlock = tuple[Block, int]


def message_payload(
    reply: Reply, words: str = "", kinds: Collection[str] = NATIVE_BLOCKS, share: bool = False
) -> dict[str, Any]:
    """Return the `text` and `blocks` of a message, for `chat.postMessage` and the like.

    `words` are the question that the buttons for other pages ask again; `kinds` are the native blocks that
    the workspace takes; `share` adds a button that shows the answer to the channel.
    """
    return {"text": fallback_text(reply), "blocks": message_blocks(reply, words, kinds, share)}


def message_blocks(reply: Reply, words: str, kinds: Collection[str], share: bool) -> list[Block]:
    """Return the blocks of a message; those that don't fit are left out, and a footnote says so."""
    blocks, total, omitted = [rich_text(section(in_bold(reply.title)))], 0, 0
    for part in reply.parts:
        for block, weight in _part_blocks(part, kinds):
            if len(blocks) < MAX_BLOCKS and total + weight <= MAX_TOTAL_TEXT:
                blocks.append(block)
                total += weight
            else:
                omitted += 1
    footnotes = list(reply.footnotes)
    if omitted:
        footnotes.append(("The rest didn't fit into this message.",))
    if footnotes:
        blocks.append(_context_block(mrkdwn_text(footnotes)))
    if elements := button_elements(reply, words, share):
        blocks.append({"type": "actions", "elements": elements[:MAX_BUTTONS]})
    return blocks


def has_native_blocks(reply: Reply) -> bool:
    """Return whether a reply has blocks that Slack may refuse because they are new."""
    return any(isinstance(part, Chart | Table) for part in reply.parts)


def _part_blocks(part: Part, kinds: Collection[str]) -> list[WeightedBlock]:
    match part:
        case Text(line, label):
            return [_weighted_line((Strong(label), "  ", *line) if label else line)]
        case Rows(rows, first, is_dense):
            numbers = [None if first is None else first + index for index in range(len(rows))]
            if is_dense or len(rows) > ROWS_WITH_OWN_BLOCKS:
                return _dense_rows(rows, numbers)
            return _separate_rows(rows, numbers)
        case Chart():
            if "data_visualization" in kinds:
                return [(_chart(part), 0)] if part.categories else []
            return [_weighted_line(("\n".join(chart_lines(part)),))] if part.caption else []
        case Table():
            if "table" in kinds and len(part.rows) <= MAX_TABLE_ROWS and _text_length(part) <= MAX_TABLE_TEXT:
                return [(_table(part), 0)]
            return [(preformatted(piece), len(piece)) for piece in copy_pieces("\n".join(table_lines(part)))]
        case Copy(text, name):
            blocks = [(preformatted(piece), len(piece)) for piece in copy_pieces(text)]
            if name:
                for index, (block, _) in enumerate(blocks):
                    block["block_id"] = f"{COPY_BLOCK_PREFIX}{name}:{index}"
            return blocks


def line_block(line: Line, block_id: str) -> Block:
    """Return a block of one line, for a modal."""
    return {**rich_text(section(line)), "block_id": block_id}


def _weighted_line(line: Line) -> WeightedBlock:
    return rich_text(section(line)), len(plain_line(line))


def _separate_rows(rows: Sequence[tuple[Line, ...]], numbers: list[int | None]) -> list[WeightedBlock]:
    """Return a block for each line of a row: its first as text, the others small and grey below it."""
    blocks: list[WeightedBlock] = []
    for row, number in zip(rows, numbers, strict=True):
        blocks.append((rich_text(section(_numbered(row[0], number))), len(plain_line(row[0]))))
        for line in row[1:]:
            plain = plain_line(line)
            text = escaped_to_fit(plain, (MAX_TEXT, 600), MAX_CONTEXT_TEXT)
            if text:
                element = {"type": "plain_text", "text": text, "emoji": False}
                blocks.append((_context_block(element), len(plain)))
    return blocks


def _dense_rows(rows: Sequence[tuple[Line, ...]], numbers: list[int | None]) -> list[WeightedBlock]:
    """Return one block for every ten rows."""
    blocks: list[WeightedBlock] = []
    for start in range(0, len(rows), ROWS_WITH_OWN_BLOCKS):
        batch = rows[start : start + ROWS_WITH_OWN_BLOCKS]
        spans: list[Span] = []
        for row, number in zip(batch, numbers[start:], strict=False):
            for line in (_numbered(row[0], number), *row[1:]):
                spans += ["\n", *line] if spans else line
        blocks.append(_weighted_line(tuple(spans)))
    return blocks


def _numbered(line: Line, number: int | None) -> Line:
    return line if number is None else (f"{number}. ", *line)


def _context_block(element: Block) -> Block:
    return {"type": "context", "elements": [element]}


def _chart(chart: Chart) -> Block:
    labels = [cut(label, MAX_CHART_LABEL) for label in chart.categories[:MAX_CHART_POINTS]]
    return {
        "type": "data_visualization",
        "title": cut(chart.title, MAX_CHART_TITLE),
        "chart": {
            "type": chart.kind,
            "series": [
                {
                    "name": cut(name, MAX_CHART_LABEL),
                    "data": [
                        {"label": label, "value": value} for label, value in zip(labels, values, strict=False)
                    ],
                }
                for name, values in chart.series[:MAX_CHART_SERIES]
            ],
            "axis_config": {"categories": labels},
        },
    }


def _text_length(table: Table) -> int:
    return sum(len(cell_text(value)) for row in (table.columns, *table.rows) for value in row)


def _table(table: Table) -> Block:
    is_numeric_column = [
        all(is_numeric(row[index]) for row in table.rows) for index in range(len(table.columns))
    ]
    return {
        "type": "table",
        "column_settings": [
            {"align": "right" if is_number else "left", "is_wrapped": not is_number}
            for is_number in is_numeric_column
        ],
        "rows": [[_cell(value) for value in row] for row in (table.columns, *table.rows)],
    }


def _cell(value: Cell) -> Block:
    if isinstance(value, Link) and value.url:
        return rich_text(section((Link(cut(value.text, MAX_CELL), value.url),)))
    return {"type": "raw_text", "text": cut(cell_text(value), MAX_CELL) or "–"}


def copy_pieces(text: str, max_length: int = MAX_COPY) -> list[str]:
    """Return a text to copy in pieces, split between lines, or between words where a line is too long."""
    pieces, start = list[str](), 0
    while len(text) - start > max_length:
        limit = start + max_length
        end = text.rfind("\n", start + 1, limit)
        if end < 0:
            end = text.rfind(" ", start + 1, limit)
        if end < 0:
            end = limit
        pieces.append(text[start:end])
        # The next piece need not begin with the line breaks that end this one.
        while start < end < limit and text[end : end + 1] == "\n":
            end, limit = end + 1, limit + 1
        start = end
    return [*pieces, text[start:]] if text[start:] else pieces
