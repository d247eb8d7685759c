"""The topic of a digest, looked up on Figshare: each thing by its number, and a title for all of it."""

import asyncio
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from bot.bot import Bot
from bot.figshare.errors import FigshareError
from bot.items.lookup import Subject, fetch_subject
from bot.language import references
from bot.language.references import Reference
from bot.language.search import parse_search
from bot.language.tokens import InvalidArgument, tokenize
from bot.language.topics import SEARCH_EXAMPLE, SUBSCRIPTION_EXAMPLE, Topic
from bot.text import cut, plural

# Words of a search that page or sort its answer, which a digest does itself.
_ANSWER_OPTIONS = ("page:", "limit:", "sort:")
_MAX_TITLE_LENGTH = 150
# The words of a subscription are indexed, and PostgreSQL takes a third of a page (8 kB) for an entry:
# https://www.postgresql.org/docs/current/btree.html
_MAX_TOPIC_BYTES = 2_000
# A long list must not fill the queue to Figshare.
_LOOKUPS_AT_ONCE = 10


class ResolvedTopic(Struct, frozen=True):
    """What a digest is about: each thing by its number, and a title for all of it.

    `is_unverified`: Figshare didn't respond, so some numbers may be of nothing.
    """

    topic: Topic
    title: str
    is_unverified: bool = False


async def resolve_topic(bot: Bot, topic: Topic, today: date) -> ResolvedTopic:
    """Return a topic with everything in it looked up; where Figshare is down, numbers stay unverified.

    Raises DoesNotExist for what Figshare doesn't have, InvalidArgument for a topic that can't have digests,
    and FigshareError where a DOI or another name can't be looked up.
    """
    if len(topic.command.encode()) > _MAX_TOPIC_BYTES:
        raise InvalidArgument("", "that is too long for one digest", SUBSCRIPTION_EXAMPLE)
    if topic.ours:
        bot.need_ours("FIGSHARE_GROUP", "FIGSHARE_PORTAL", "FIGSHARE_INSTITUTION")
        return ResolvedTopic(topic, portal_name(bot))
    if topic.search:
        _check_search(bot, topic.search, today)
        return ResolvedTopic(topic, cut(f"search {topic.search}", _MAX_TITLE_LENGTH))
    slots = asyncio.Semaphore(_LOOKUPS_AT_ONCE)

    async def look_up(reference: Reference) -> Subject | Reference:
        async with slots:
            try:
                return await fetch_subject(bot, reference)
            except FigshareError:
                if reference.id is None:
                    raise
                return reference

    records = await asyncio.gather(*map(look_up, topic.references))
    numbers = tuple(dict.fromkeys(map(_by_number, records)))
    if len(numbers) == 1:
        record = records[0]
        title = record.title if isinstance(record, Subject) else references.label(record)
    else:
        kinds = {number.kind or "item" for number in numbers}
        title = plural(len(numbers), kinds.pop() if len(kinds) == 1 else "thing")
    is_unverified = any(isinstance(record, Reference) for record in records)
    return ResolvedTopic(Topic(numbers), cut(title, _MAX_TITLE_LENGTH), is_unverified)


def _check_search(bot: Bot, words: str, today: date) -> None:
    """Raise InvalidArgument for a search that is none, or that a digest can't have."""
    if parse_search(words, today).is_ours:
        bot.need_ours("FIGSHARE_INSTITUTION", "FIGSHARE_GROUP")
    for word in tokenize(words):
        if not word.quoted and word.text.lower().startswith(_ANSWER_OPTIONS):
            raise InvalidArgument(
                word.text, "a digest always lists everything new, newest first", f"subscribe {SEARCH_EXAMPLE}"
            )


def portal_name(bot: Bot) -> str:
    """Return what to call the configured repository: its portal, its group or its institution."""
    settings = bot.settings
    if settings.figshare_portal:
        return settings.figshare_portal
    if settings.figshare_institution is not None:
        return f"institution {settings.figshare_institution}"
    return f"group {settings.figshare_group}"


def _by_number(record: Subject | Reference) -> Reference:
    """Return a reference by number alone, without version: all names of a thing lead to the same one."""
    kind = None if record.kind == "article" else record.kind
    if isinstance(record, Subject):
        return Reference(kind, record.id)
    return replace(record, version=None, doi=None, kind=kind)
