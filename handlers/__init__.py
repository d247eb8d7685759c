"""What the bot does, one file for each thing to say: the table of contents, in the order of `help`."""

from handlers import (
    collection,
    countries,
    files,
    help,
    item,
    search,
    stats,
    status,
    timeline,
    top,
    versions,
)

MODULES = (item, versions, files, collection, stats, timeline, countries, top, search, status, help)
