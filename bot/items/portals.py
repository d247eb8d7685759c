"""Which of OAI-PMH's sets is a portal's, by the id in its address, such as lboro."""

import re

from bot.bot import Bot
from bot.figshare.errors import OaiError

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,49}")


async def set_of_portal(bot: Bot, portal: str) -> str:
    """Return the set of a portal by its id; "" where no public item is found there. Raises FigshareError.

    The sets name institutions and know no ids, but the record of each item says which sets it is in.
    """
    settings = bot.settings
    if settings.figshare_institution and portal.lower() == settings.figshare_portal.lower():
        return f"portal_{settings.figshare_institution}"
    if not _ID.fullmatch(portal):
        return ""
    search = {
        "search_for": f":institution: {portal.lower()}",
        "order": "published_date",
        "order_direction": "desc",
        "page": 1,
        "page_size": 5,
    }
    for item in await bot.figshare.search("articles", search):
        try:
            record = await bot.oai.record(bot.oai.identifier(item.id))
        except OaiError:
            # A new item may not have its record yet.
            continue
        for spec in record.header.set_specs:
            if spec.startswith("portal_"):
                return spec
    return ""
