"""What a digest is of: references, `ours`, or a search."""

import asyncio
from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from bot.bot import Bot
from bot.figshare.errors import FigshareError
from bot.items.lookup import Subject, subject
from bot.language import references
from bot.language.references import Reference
from bot.language.schedule_parser import Said, ending, meant, read
from bot.language.search import search
from bot.language.tokens import Word, WrongWord, scan
from bot.text import cut, plural

MOST = 200
_SEARCHED = "search title:frog"
_WHAT = "a digest is of references, `ours`, or `search …`"
EXAMPLE = "subscribe 5616445 weekly on monday at 09:00"
_NOT_OF_A_DIGEST = ("page:", "limit:", "sort:")
_LONGEST_TITLE = 150
# PostgreSQL indexes no more.
_LONGEST_WORDS = 2_000
# Requests to Figshare: a record, totals, two timelines; then lists, and the timelines of what is in them.
_WEIGHTS = {"article": 4, "author": 3, "group": 9, "collection": 30, "project": 30}
_OURS, _SEARCH = 20, 30


class What(Struct, frozen=True):
    """The things, by their words; or the words of a search; or ours."""

    references: tuple[Reference, ...] = ()
    search: str = ""
    ours: bool = False

    @property
    def words(self) -> str:
        """Write it as `subscribe` reads it."""
        if self.ours:
            return "ours"
        if self.search:
            return f"search {self.search}"
        return " ".join(map(references.words, self.references))

    @property
    def same(self) -> tuple[frozenset[Reference], str, bool]:
        """Give what two have in common that bring the same."""
        return frozenset(self.references), self.search, self.ours

    @property
    def weight(self) -> int:
        """Tell about how many requests a digest of it takes."""
        if self.ours:
            return _OURS
        if self.search:
            return _SEARCH
        return sum(_WEIGHTS[each.kind or "article"] for each in self.references)


def split(text: str) -> tuple[What, Said]:
    """Read the words of `subscribe`: what, and then when; raises WrongWord, whose example is all of it."""
    words = scan(text)
    first = words[0].text.lower() if words and not words[0].quoted else ""
    try:
        if first == "search":
            at, said = ending(words[1:])
            end = words[at + 1].start if at + 1 < len(words) else len(text)
            return of(text[:end]), said
        took = 1 if first == "ours" else _references(words)[1]
        if not took:
            if len(words) > 1 and _works(asked := text[words[1].start :]):
                # `views 5616445` is how anything else is asked.
                raise WrongWord(words[0].text, _WHAT, f"subscribe {asked}")
            return of(text), Said()
        said, read_on = read(words[took:])
        if took + read_on < len(words):
            wrong = words[took + read_on]
            mended = f"{text[: wrong.start]}{meant(wrong.text)}{text[wrong.end :]}"
            example = f"subscribe {mended}" if _works(mended) else meant(wrong.text)
            raise WrongWord(wrong.text, "I don't understand this word in `subscribe`", example)
        return of(text[: words[took].start] if took < len(words) else text), said
    except WrongWord as wrong:
        raise whole(
            wrong, " ".join(word.text for word in words[:took]) if first != "search" else _SEARCHED
        ) from None


def _works(text: str) -> bool:
    """Tell whether these words name things, and then when; of a search anything would."""
    words = scan(text)
    took = 1 if words[0].text.lower() == "ours" else _references(words)[1]
    try:
        said, read_on = read(words[took:])
        said.schedule("UTC")
    except WrongWord:
        return False
    return 0 < took == len(words) - read_on


def whole(wrong: WrongWord, wanted: str) -> WrongWord:
    """Give the same with an example that is a whole command."""
    if wrong.example.split(" ")[0] in ("subscribe", "help", ""):
        return wrong
    return WrongWord(wrong.word, wrong.why, f"subscribe {wanted} {wrong.example}")


def of(text: str) -> What:
    """Read what alone, without when; raises WrongWord."""
    words = scan(text)
    first = words[0].text.lower() if words and not words[0].quoted else ""
    if first == "search":
        sought = text[words[0].end :].strip()
        if not sought:
            why = "what for? Words in quotes are searched for, not read as a schedule"
            raise WrongWord("search", why, "subscribe search title:frog weekly")
        return What(search=sought)
    if first == "ours" and len(words) == 1:
        return What(ours=True)
    found, took = _references(words)
    if took < len(words) or not found:
        raise WrongWord(words[took].text if words else "", _WHAT, EXAMPLE)
    if len(found) > MOST:
        raise WrongWord("", f"{len(found)} references are too many for one digest: at most {MOST}", EXAMPLE)
    return What(tuple(dict.fromkeys(found)))


def _references(words: Sequence[Word]) -> tuple[list[Reference], int]:
    """Give the references that words begin with, and how many words those are."""
    found, at = list[Reference](), 0
    while at < len(words) and not words[at].quoted:
        said = references.said([word.text for word in words[at : at + 2]])
        if said is None:
            break
        found.append(said[0])
        at += said[1]
    return found, at


class Named(Struct, frozen=True):
    """What a digest is of, looked up: each thing by its number, and what to call it all."""

    what: What
    title: str
    unchecked: bool = False


async def named(bot: Bot, what: What, today: date) -> Named:
    """Look everything up; raises NoSuch, WrongWord. What Figshare does not tell now is taken at its word."""
    if len(what.words.encode()) > _LONGEST_WORDS:
        raise WrongWord("", "that is too long for one digest", EXAMPLE)
    if what.ours:
        bot.need_ours("FIGSHARE_GROUP", "FIGSHARE_PORTAL", "FIGSHARE_INSTITUTION")
        return Named(what, ours(bot))
    if what.search:
        asked = search(what.search, today)
        if asked.ours:
            bot.need_ours("FIGSHARE_INSTITUTION", "FIGSHARE_GROUP")
        for word in scan(what.search):
            if not word.quoted and word.text.lower().startswith(_NOT_OF_A_DIGEST):
                raise WrongWord(
                    word.text, "a digest has all that is new, the newest first", f"subscribe {_SEARCHED}"
                )
        return Named(what, cut(f"search {what.search}", _LONGEST_TITLE))
    # Ten at once: a long list must not fill the queue to Figshare.
    room = asyncio.Semaphore(10)

    async def look(reference: Reference) -> Subject | Reference:
        async with room:
            try:
                return await subject(bot, reference)
            except FigshareError:
                if reference.id is None:
                    raise
                return reference

    found = await asyncio.gather(*map(look, what.references))
    things = tuple(dict.fromkeys(map(_number, found)))
    titles = [each.title if isinstance(each, Subject) else references.label(each) for each in found]
    title = cut(titles[0], _LONGEST_TITLE)
    if len(things) > 1:
        kinds = {each.kind or "item" for each in things}
        title = plural(len(things), kinds.pop() if len(kinds) == 1 else "thing")
    return Named(What(things), title, any(isinstance(each, Reference) for each in found))


def ours(bot: Bot) -> str:
    """Name what is configured as ours."""
    settings = bot.settings
    number = settings.figshare_institution
    return settings.figshare_portal or (
        f"group {settings.figshare_group}" if number is None else f"institution {number}"
    )


def _number(found: Subject | Reference) -> Reference:
    if isinstance(found, Subject):
        return Reference(None if found.kind == "article" else found.kind, found.id)
    return replace(found, version=None, doi=None, kind=None if found.kind == "article" else found.kind)
