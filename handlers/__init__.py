"""What the bot does, one file for each thing to say: the table of contents, in the order of `help`."""

from handlers import (
    cite,
    collection,
    countries,
    files,
    help,
    item,
    new,
    oai,
    resourcesync,
    search,
    stats,
    status,
    timeline,
    top,
    versions,
)

MODULES = (
    item,
    versions,
    files,
    collection,
    stats,
    timeline,
    countries,
    top,
    search,
    new,
    cite,
    oai,
    resourcesync,
    status,
    help,
)
