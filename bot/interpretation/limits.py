"""Questions for what the bot can't do, each with the sentence that says so, and what comes nearest.

Otherwise one would be answered as if the word that can't be had were not there: `delete 5616445` by a card.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from bot.bot import Bot
from bot.commands import Question
from bot.figshare.item_types import item_type
from bot.interpretation.offers import Offer, buttons_of, lines_of, search_offer
from bot.interpretation.readings import reading_by
from bot.interpretation.suggestions import works
from bot.interpretation.vocabulary import words_of
from bot.interpretation.words import NOUNS, Word, is_small_number
from bot.language.references import Reference
from bot.reply import Line, Reply, code_spans

_WRITING = frozenset(
    [
        *("delete", "remove", "erase", "publish", "unpublish", "edit", "rename", "replace"),
        *("withdraw", "retract", "submit", "approve", "modify"),
    ]
)
# `why can't I edit my item`
_BEFORE_VERB = frozenset(("why", "can't", "cannot", "couldn't", "my", "our", "we", "i"))
_DELETING = frozenset(("delete", "remove", "erase"))
_DIFFERENCE = frozenset(("difference", "differences", "differ", "differs", "diff"))
_ALTMETRIC = frozenset(("altmetric", "altmetrics", "tweets", "tweeted", "attention"))
_LEAST = frozenset(("least", "fewest", "lowest", "worst", "never", "unpopular"))
_COUNTERS = frozenset(("views", "downloads", "shares"))
_COUNTING = _COUNTERS | {"top", "stats"}
_SENDING = frozenset(("send", "email", "mail", "post"))
_REPEATING = frozenset(("every", "each", "daily", "weekdays", "weekly", "monthly", "quarterly", "yearly"))
_EXPLAINED = (("what", "is", "a"), ("what", "is", "an"), ("what's", "a"), ("what's", "an"))


class _Asked(Struct, frozen=True):
    """A question: its words, each of these in lower case, what they name, and the first that counts."""

    words: Sequence[Word]
    terms: tuple[str, ...]
    first: str
    commands: frozenset[str]
    references: Sequence[Reference]

    def has(self, terms: frozenset[str]) -> bool:
        return not terms.isdisjoint(self.terms)


_Limit = tuple[str, tuple[str, ...]]


def limit_reply(bot: Bot, question: Question) -> Reply | None:
    """Return the reply to a question for what can't be done; None for any other."""
    asked = _asked(words_of(bot, question))
    for find in _LIMITS:
        if (limit := find(bot, question, asked)) is None:
            continue
        sentence, candidates = limit
        offers = [Offer(words) for words in candidates if works(bot, question, words)]
        title: Line = code_spans(sentence)
        lines = tuple(lines_of(offers, "This works: ", "Or: "))
        return Reply(title, lines, buttons=buttons_of(offers), outcome="wrong")
    return None


def _asked(words: Sequence[Word]) -> _Asked:
    terms = tuple(term for word in words for term in word.source.lower().split(" "))
    sources = [word.source.lower().split(" ")[0] for word in words if not word.is_filler]
    content = [source for source in sources if source not in _BEFORE_VERB]
    commands = frozenset[str]().union(*(word.commands for word in words))
    found = [word.reference for word in words if word.reference and not is_small_number(word.reference)]
    return _Asked(words, terms, next(iter(content), ""), commands, found)


def _about(asked: _Asked, name: str) -> str:
    """Return a command about what the question names first."""
    source = next(word.source for word in asked.words if word.reference in asked.references)
    return source if source.lower().startswith(f"{name} ") else f"{name} {source}"


def _writing(bot: Bot, question: Question, asked: _Asked) -> _Limit | None:
    is_digest = "subscriptions" in asked.commands or (
        not asked.references and any(word.reference for word in asked.words)
    )
    if asked.first not in _WRITING or is_digest:
        return None
    if asked.first in _DELETING and asked.has(frozenset(("draft", "drafts"))):
        own = (_about(asked, "draft delete"),) if asked.references else ()
        sentence = "`draft delete` with its number deletes a draft; `drafts` lists your drafts."
        return sentence, (*own, "help draft delete", "help drafts")
    cards = [_about(asked, bot.commands.about(asked.references[0]).name)] if asked.references else []
    sentence = "Nothing can be published or changed from here; `drafts` lists your drafts."
    return sentence, (*cards, "help draft", "help drafts")


def _difference(bot: Bot, question: Question, asked: _Asked) -> _Limit | None:
    items = {replace(reference, version=None) for reference in asked.references}
    if not asked.has(_DIFFERENCE) or len(items) != 1 or asked.commands & _COUNTING:
        return None
    return "I can't say what changed between two versions, only when each came.", (_about(asked, "versions"),)


def _altmetric(bot: Bot, question: Question, asked: _Asked) -> _Limit | None:
    if not (asked.has(_ALTMETRIC) and asked.references):
        return None
    card = bot.commands.about(asked.references[0]).name
    return "I don't have Altmetric's counts.", (_about(asked, card), _about(asked, "stats"))


def _items_of_author(bot: Bot, question: Question, asked: _Asked) -> _Limit | None:
    is_author = any(reference.kind == "author" for reference in asked.references)
    has_noun = any(term in NOUNS or (not term.isdigit() and item_type(term)) for term in asked.terms)
    if not (is_author and has_noun) or asked.commands - {"item", "search"}:
        return None
    sentence = "I can't list an author's works by their number. Search for the name or ORCID instead."
    return sentence, ("help search", _about(asked, "stats"))


def _least(bot: Bot, question: Question, asked: _Asked) -> _Limit | None:
    unreadable = [word for word in asked.words if word.is_unreadable and not word.reason]
    has_number = any(word.source.split(" ")[-1].isdigit() for word in unreadable)
    if not (asked.has(_LEAST) or has_number) or not asked.commands & _COUNTING or asked.references:
        return None
    rest = [word for word in asked.words if word not in unreadable and word.source.lower() not in _LEAST]
    reading = reading_by(bot, question, rest, bot.commands["top"])
    best = reading.words if reading is not None and reading.is_set_up else "top downloads"
    return "I can only list what was viewed, downloaded or shared most.", (best,)


def _regular(bot: Bot, question: Question, asked: _Asked) -> _Limit | None:
    if not (_SENDING.intersection(asked.terms[:3]) and asked.has(_REPEATING)):
        return None
    return "What comes regularly is a digest, and `subscribe` sets one up.", ("help subscribe",)


def _explained(bot: Bot, question: Question, asked: _Asked) -> _Limit | None:
    opening = next((each for each in _EXPLAINED if asked.terms[: len(each)] == each), None)
    if opening is None or asked.references or not len(asked.terms) <= len(opening) + 2:
        return None
    if asked.commands - {"item"}:
        return None
    rest = " ".join(asked.terms[len(opening) :])
    offer = search_offer(bot, question, [Word(rest, rest)]) if rest else None
    return "I can't explain words, only look things up on Figshare.", (
        *([offer.words] if offer else []),
        "help",
    )


_LIMITS: tuple[Callable[[Bot, Question, _Asked], _Limit | None], ...] = (
    *(_writing, _difference, _altmetric, _items_of_author, _least, _regular, _explained),
)
