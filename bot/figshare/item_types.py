"""The types of items on Figshare, and their numbers."""

import re

# `item_type` of ArticleSearch, https://docs.figshare.com/#articles_search: 4 is retired but still filters,
# and there is no 10.
ITEM_TYPES = {
    1: "figure",
    2: "media",
    3: "dataset",
    4: "fileset",
    5: "poster",
    6: "journal contribution",
    7: "presentation",
    8: "thesis",
    9: "software",
    11: "online resource",
    12: "preprint",
    13: "book",
    14: "conference contribution",
    15: "chapter",
    16: "peer review",
    17: "educational resource",
    18: "report",
    19: "standard",
    20: "composition",
    21: "funding",
    22: "physical object",
    23: "data management plan",
    24: "workflow",
    25: "monograph",
    26: "performance",
    27: "event",
    28: "service",
    29: "model",
}
# Former names, and plurals that aren't just an s.
_OTHER_NAMES = {"paper": 6, "code": 9, "metadata": 11, "theses": 8}


def item_type(name: str) -> int | None:
    """Return the number of a type, given its name, its plural, its former name or the number itself."""
    wanted = " ".join(re.split(r"[\s_-]+", name.strip().lower()))
    if wanted.isascii() and wanted.isdigit():
        return int(wanted) if len(wanted) < 3 and int(wanted) in ITEM_TYPES else None
    numbers = {type_name: number for number, type_name in ITEM_TYPES.items()} | _OTHER_NAMES
    return numbers.get(wanted) or numbers.get(wanted.removesuffix("s"))
