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
from bot.language.topics import TOPIC_EXAMPLE, Topic
from bot.text import cut, plural

# Fields of a search that page or sort its answer, which a digest does itself.
_ANSWER_OPTIONS = ("page:", "limit:", "sort:")
_MAX_TITLE_LENGTH = 150
# The words of a subscription are indexed, and PostgreSQL takes a third of a page (8 kB) for an entry:
# https://www.postgresql.org/docs/current/btree.html
_MAX_TOPIC_BYTES = 2_000
# A long list must not fill the queue to Figshare.
_LOOKUPS_AT_ONCE = 10


class ResolvedTopic(Struct, frozen=True):
    """What a digest is about: each thing by its number, and a title for all of it.

    `is_unverified`: Figshare didn't respond, so some numbers may be of nothing. `lacks_credentials`: a
    portal's counts over time will be unknown.
    """

    topic: Topic
    title: str
    is_unverified: bool = False
    lacks_credentials: bool = False


async def resolve_topic(bot: Bot, topic: Topic, today: date) -> ResolvedTopic:
    """Return a topic with everything in it looked up; where Figshare is down, numbers stay unverified.

    Raises DoesNotExist for what Figshare doesn't have, InvalidArgument for a topic that can't have digests,
    and FigshareError where a DOI or another name can't be looked up.
    """
    if len(topic.command_words.encode()) > _MAX_TOPIC_BYTES:
        raise InvalidArgument("", "that is too long for one digest", TOPIC_EXAMPLE)
    if topic.is_ours:
        bot.require_ours("subscribe")
        lacks_credentials = bool(bot.settings.figshare_portal) and bot.settings.stats_auth is None
        return ResolvedTopic(topic, bot.ours_name, lacks_credentials=lacks_credentials)
    if topic.search:
        _check_search(bot, topic.search, today)
        return ResolvedTopic(topic, cut(f"search {topic.search}", _MAX_TITLE_LENGTH))
    lookups = asyncio.Semaphore(_LOOKUPS_AT_ONCE)

    async def look_up(reference: Reference) -> Subject | Reference:
        async with lookups:
            try:
                return await fetch_subject(bot, reference)
            except FigshareError:
                if reference.id is None:
                    raise
                return reference

    results = await asyncio.gather(*map(look_up, topic.references))
    unique = tuple(dict.fromkeys(map(_by_number, results)))
    if len(unique) == 1:
        result = results[0]
        title = result.title if isinstance(result, Subject) else references.label(result)
    else:
        kinds = {reference.kind or "item" for reference in unique}
        title = plural(len(unique), kinds.pop() if len(kinds) == 1 else "thing")
    is_unverified = any(isinstance(result, Reference) for result in results)
    return ResolvedTopic(Topic(unique), cut(title, _MAX_TITLE_LENGTH), is_unverified)


def _check_search(bot: Bot, words: str, today: date) -> None:
    """Raise InvalidArgument for words that are no search, or none that a digest can have."""
    if parse_search(words, today).is_ours:
        bot.require_ours("search")
    for word in tokenize(words):
        if not word.is_quoted and word.text.lower().startswith(_ANSWER_OPTIONS):
            others = f"{words[: word.start]}{words[word.end :].lstrip()}".strip()
            works = f"subscribe search {others}" if others else TOPIC_EXAMPLE
            raise InvalidArgument(word.text, "a digest always lists everything new, newest first", works)


def _by_number(result: Subject | Reference) -> Reference:
    """Return a reference by number alone, the same for all names and versions of a thing."""
    kind = None if result.kind == "article" else result.kind
    if isinstance(result, Subject):
        return Reference(kind, result.id)
    return replace(result, version=None, doi=None, kind=kind)
