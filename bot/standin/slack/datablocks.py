"""Which tables and charts Slack takes.

https://docs.slack.dev/reference/block-kit/blocks/data-table-block, …/table-block, …/data-visualization-block
"""

from typing import Any

from bot.standin.slack.richtext import rich_text
from bot.standin.slack.rules import Complaints

TABLE_CHARACTERS = 10_000
CHARTS = ("line", "bar", "area", "pie")


def table(to: Complaints, at: str, block: dict[str, Any]) -> int:
    """Judge a table; the number of its characters comes back."""
    rows = to.count(f"{at}/rows", block.get("rows"), 1, 100)
    to.only(at, block, ("type", "block_id", "rows", "column_settings"))
    if "column_settings" in block:
        for number, column in enumerate(to.count(f"{at}/column_settings", block["column_settings"], 0, 20)):
            if isinstance(column, dict) and column.get("align", "left") not in ("left", "center", "right"):
                to.say(f"{at}/column_settings/{number}/align", "must be one of: left, center, right")
    return _rows(to, at, rows, header_is_plain=False)


def data_table(to: Complaints, at: str, block: dict[str, Any]) -> int:
    """Judge a data_table; the number of its characters comes back."""
    to.only(at, block, ("type", "block_id", "caption", "rows", "page_size", "row_header_column_index"))
    to.require(at, block, "caption")
    to.string(f"{at}/caption", block.get("caption"), 3000)
    rows = to.count(f"{at}/rows", block.get("rows"), 2, 101)
    if block.get("page_size", 5) not in range(1, 101):
        to.say(f"{at}/page_size", "must be between 1 and 100")
    widths = {len(row) for row in rows if isinstance(row, list)}
    if len(widths) > 1:
        to.say(f"{at}/rows", "all rows must have the same number of cells")
    if block.get("row_header_column_index", 0) not in range(max(widths, default=1)):
        to.say(f"{at}/row_header_column_index", "must be a column")
    return _rows(to, at, rows, header_is_plain=True)


def _rows(to: Complaints, at: str, rows: list[Any], header_is_plain: bool) -> int:
    characters = 0
    for number, row in enumerate(rows):
        here = f"{at}/rows/{number}"
        for column, cell in enumerate(to.count(here, row, 1, 20)):
            kinds = (
                ("raw_text",) if header_is_plain and number == 0 else ("raw_text", "raw_number", "rich_text")
            )
            characters += _cell(to, f"{here}/{column}", cell, kinds)
    return characters


def _cell(to: Complaints, at: str, cell: Any, kinds: tuple[str, ...]) -> int:
    kind = cell.get("type") if isinstance(cell, dict) else None
    if kind not in kinds:
        to.say(f"{at}/type", f"unsupported type: {kind}")
        return 0
    if kind == "rich_text":
        return rich_text(to, at, cell)
    if kind == "raw_number":
        to.only(at, cell, ("type", "value", "text"))
        to.number(f"{at}/value", cell.get("value"))
    else:
        to.only(at, cell, ("type", "text"))
    to.require(at, cell, "text")
    to.string(f"{at}/text", cell.get("text"), TABLE_CHARACTERS)
    return len(str(cell.get("text", cell.get("value", ""))))


def data_visualization(to: Complaints, at: str, block: dict[str, Any]) -> None:
    """Judge a chart."""
    to.only(at, block, ("type", "block_id", "title", "chart"))
    to.require(at, block, "title", "chart")
    to.string(f"{at}/title", block.get("title"), 50)
    chart = block.get("chart")
    kind = chart.get("type") if isinstance(chart, dict) else None
    if not isinstance(chart, dict) or kind not in CHARTS:
        to.say(f"{at}/chart/type", f"must be one of: {', '.join(CHARTS)}")
    elif kind == "pie":
        _pie(to, f"{at}/chart", chart)
    else:
        _axes(to, f"{at}/chart", chart)


def _pie(to: Complaints, at: str, chart: dict[str, Any]) -> None:
    to.only(at, chart, ("type", "segments"))
    for number, segment in enumerate(to.count(f"{at}/segments", chart.get("segments"), 1, 6)):
        here = f"{at}/segments/{number}"
        if isinstance(segment, dict) and to.require(here, segment, "label", "value"):
            to.string(f"{here}/label", segment["label"], 20)
            if to.number(f"{here}/value", segment["value"]) and segment["value"] <= 0:
                to.say(f"{here}/value", "must be greater than 0")


def _axes(to: Complaints, at: str, chart: dict[str, Any]) -> None:
    to.only(at, chart, ("type", "series", "axis_config"))
    axes = chart.get("axis_config")
    if not isinstance(axes, dict):
        to.say(at, "missing required field: axis_config")
        return
    to.only(f"{at}/axis_config", axes, ("categories", "x_label", "y_label"))
    categories = to.count(f"{at}/axis_config/categories", axes.get("categories"), 1, 20)
    for number, category in enumerate(categories):
        to.string(f"{at}/axis_config/categories/{number}", category, 20)
    to.string(f"{at}/axis_config/x_label", axes.get("x_label"), 50, 0)
    to.string(f"{at}/axis_config/y_label", axes.get("y_label"), 50, 0)
    names: list[Any] = []
    for number, series in enumerate(to.count(f"{at}/series", chart.get("series"), 1, 6)):
        here = f"{at}/series/{number}"
        if isinstance(series, dict) and to.require(here, series, "name", "data"):
            _series(to, here, series, categories)
            names.append(series["name"])
    if len(names) != len(set(map(str, names))):
        to.say(f"{at}/series", "names must be unique")


def _series(to: Complaints, at: str, series: dict[str, Any], categories: list[Any]) -> None:
    to.string(f"{at}/name", series["name"], 20)
    points = to.count(f"{at}/data", series["data"], 1, 20)
    for number, point in enumerate(points):
        here = f"{at}/data/{number}"
        if isinstance(point, dict) and to.require(here, point, "label", "value"):
            to.string(f"{here}/label", point["label"], 20)
            to.number(f"{here}/value", point["value"])
    labels = [point.get("label") for point in points if isinstance(point, dict)]
    if any(label not in categories for label in labels):
        to.say(f"{at}/data", "labels must match axis_config.categories")
