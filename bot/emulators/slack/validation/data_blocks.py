"""Which tables and charts Slack takes.

https://docs.slack.dev/reference/block-kit/blocks/table-block, …/data-visualization-block
"""

from typing import Any

from bot.emulators.slack.validation.rich_text import check_rich_text
from bot.emulators.slack.validation.validator import Validator

TABLE_CHARACTERS = 10_000
CHARTS = ("line", "bar", "area")


def check_table(check: Validator, pointer: str, block: dict[str, Any]) -> int:
    """Check a table, and return the number of its characters."""
    rows = check.items(f"{pointer}/rows", block.get("rows"), 1, 100)
    check.only(pointer, block, ("type", "block_id", "rows", "column_settings"))
    if "column_settings" in block:
        columns = check.items(f"{pointer}/column_settings", block["column_settings"], 0, 20)
        for index, column in enumerate(columns):
            if isinstance(column, dict) and column.get("align", "left") not in ("left", "center", "right"):
                check.fail(f"{pointer}/column_settings/{index}/align", "must be one of: left, center, right")
    characters = 0
    for index, row in enumerate(rows):
        for column_index, cell in enumerate(check.items(f"{pointer}/rows/{index}", row, 1, 20)):
            characters += _check_cell(check, f"{pointer}/rows/{index}/{column_index}", cell)
    if characters > TABLE_CHARACTERS:
        check.fail(f"{pointer}/rows", f"must be less than {TABLE_CHARACTERS + 1} characters over all cells")
    return characters


def _check_cell(check: Validator, pointer: str, cell: Any) -> int:
    cell_type = cell.get("type") if isinstance(cell, dict) else None
    if cell_type not in ("raw_text", "rich_text"):
        check.fail(f"{pointer}/type", f"unsupported type: {cell_type}")
        return 0
    if cell_type == "rich_text":
        return check_rich_text(check, pointer, cell)
    check.only(pointer, cell, ("type", "text"))
    check.require(pointer, cell, "text")
    check.string(f"{pointer}/text", cell.get("text"), TABLE_CHARACTERS)
    return len(str(cell.get("text")))


def check_data_visualization(check: Validator, pointer: str, block: dict[str, Any]) -> None:
    """Check a chart."""
    check.only(pointer, block, ("type", "block_id", "title", "chart"))
    check.require(pointer, block, "title", "chart")
    check.string(f"{pointer}/title", block.get("title"), 50)
    chart = block.get("chart")
    if not isinstance(chart, dict) or chart.get("type") not in CHARTS:
        check.fail(f"{pointer}/chart/type", f"must be one of: {', '.join(CHARTS)}")
    else:
        _check_chart(check, f"{pointer}/chart", chart)


def _check_chart(check: Validator, pointer: str, chart: dict[str, Any]) -> None:
    check.only(pointer, chart, ("type", "series", "axis_config"))
    axes = chart.get("axis_config")
    if not isinstance(axes, dict):
        check.fail(pointer, "missing required field: axis_config")
        return
    check.only(f"{pointer}/axis_config", axes, ("categories", "x_label", "y_label"))
    categories = check.items(f"{pointer}/axis_config/categories", axes.get("categories"), 1, 20)
    for index, category in enumerate(categories):
        check.string(f"{pointer}/axis_config/categories/{index}", category, 20)
    check.string(f"{pointer}/axis_config/x_label", axes.get("x_label"), 50, 0)
    check.string(f"{pointer}/axis_config/y_label", axes.get("y_label"), 50, 0)
    names: list[Any] = []
    for index, series in enumerate(check.items(f"{pointer}/series", chart.get("series"), 1, 6)):
        series_pointer = f"{pointer}/series/{index}"
        if isinstance(series, dict) and check.require(series_pointer, series, "name", "data"):
            _check_series(check, series_pointer, series, categories)
            names.append(series["name"])
    if len(names) != len(set(map(str, names))):
        check.fail(f"{pointer}/series", "names must be unique")


def _check_series(check: Validator, pointer: str, series: dict[str, Any], categories: list[Any]) -> None:
    check.string(f"{pointer}/name", series["name"], 20)
    points = check.items(f"{pointer}/data", series["data"], 1, 20)
    for index, point in enumerate(points):
        point_pointer = f"{pointer}/data/{index}"
        if isinstance(point, dict) and check.require(point_pointer, point, "label", "value"):
            check.string(f"{point_pointer}/label", point["label"], 20)
            check.number(f"{point_pointer}/value", point["value"])
    labels = [point.get("label") for point in points if isinstance(point, dict)]
    if any(label not in categories for label in labels):
        check.fail(f"{pointer}/data", "labels must match axis_config.categories")
