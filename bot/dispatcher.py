"""From a question to its answer: the one room where errors become sentences."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from bot.bot import Bot
from bot.commands import LONGEST_QUESTION, Act, Ask, Command, Deed, InvalidValue
from bot.error_messages import trouble
from bot.figshare.errors import FigshareError, NotADraft, NotAllowed, NotFound, OaiError, Refused, Unknown
from bot.items.lookup import NoSuch
from bot.language.parameters import Reading
from bot.language.tokens import LONGEST, WrongWord, received, scan
from bot.permissions import MayNot
from bot.reply import Button, Choice, Code, Form, Line, Moment, Reply, Text, WrongFields, coded
from bot.text import ago, capital, cut
from bot.upstream.rate_limiter import Question, Taken, question

log = logging.getLogger(__name__)

PATIENCE = 20.0


class Answers:
    """Answers questions; never raises, and never takes longer than `patience` seconds."""

    def __init__(
        self,
        bot: Bot,
        observe: Callable[[str, str, float], None] = lambda command, outcome, seconds: None,
        patience: float = PATIENCE,
    ) -> None:
        self._bot, self._observe, self._patience = bot, observe, patience

    async def answer(self, ask: Ask) -> Reply:
        """Give the reply to a question, whatever happens."""
        return await self._answer(ask, self._bot.commands.find(ask.words), self._asked(ask.user))

    async def at_once(self, ask: Ask) -> Reply | None:
        """Give the reply if what is stored is enough for it: nobody is asked and nothing is waited for."""
        found = self._bot.commands.find(ask.words)
        if found is None or not found[0].quick:
            return None
        asked = Question(ask.user or "somebody", stored_only=True)
        reply = await self._answer(ask, found, asked)
        return None if asked.missed else reply

    def needs_today(self, words: str) -> bool:
        """Tell whether the answer to a question depends on the day it is for whoever asks."""
        found = self._bot.commands.find(words)
        return found is not None and found[0].needs_today(self._bot.ours, found[1])

    def only_reads(self, words: str) -> bool:
        """Tell whether a question certainly changes nothing."""
        found = self._bot.commands.find(words)
        return found is None or found[0].quick

    def does(self, name: str) -> bool:
        """Tell whether a button of this name does something."""
        return name in self._bot.commands.deeds

    async def act(self, act: Act) -> Reply:
        """Do what a button or a form asks for, here alone, so that no deed can forget its role."""
        deed = self._bot.commands.deeds.get(act.deed)
        return await self._said(
            act.deed,
            self._nobody_asks(act),
            self._asked(act.user),
            self._done(deed, act),
            deed is not None and deed.private,
        )

    async def filled(self, form: Form, act: Act) -> Reply:
        """Give a reply with the form that a light one was the beginning of, or with what kept it."""

        async def fill() -> Reply:
            assert form.fill is not None
            return Reply((form.title,), form=await form.fill())

        return await self._said(act.deed or "form", self._nobody_asks(act), self._asked(act.user), fill())

    async def offer(self, name: str, words: str, act: Act) -> Sequence[Choice]:
        """Give the choices a search field has for these words; none when they can't be had."""
        found: list[Choice] = []

        async def look() -> Reply:
            offers = self._bot.commands.offers[name]
            await self._bot.roles.check(act.user, act.people, offers.role)
            found.extend(await offers.handle(self._bot, received(words)))
            return Reply((name,))

        if name in self._bot.commands.offers:
            await self._said(name, self._nobody_asks(act), self._asked(act.user), look())
        return found

    async def _done(self, deed: Deed | None, act: Act) -> Reply:
        if deed is None:
            raise InvalidValue
        await self._bot.roles.check(act.user, act.people, deed.role)
        return await deed.handle(self._bot, act)

    def _asked(self, user: str) -> Question:
        return Question(user or "somebody", asyncio.get_running_loop().time() + self._patience)

    def _nobody_asks(self, act: Act) -> Ask:
        return Ask("", datetime.fromtimestamp(self._bot.clock(), UTC).date(), user=act.user)

    async def _answer(self, ask: Ask, found: tuple[Command, str] | None, asked: Question) -> Reply:
        name, private = (found[0].name, found[0].private) if found else ("unknown", False)
        return await self._said(name, ask, asked, self._reply(ask, found), private)

    async def _said(
        self, name: str, ask: Ask, asked: Question, work: Awaitable[Reply], private: bool = False
    ) -> Reply:
        began = time.perf_counter()
        token = question.set(asked)
        try:
            reply = await work
        except MayNot as no:
            # It may name people, so it is nobody's business but the asker's.
            reply = Reply((no.what,), (Text((no.why,)),), buttons=no.offers, outcome=no.outcome, private=True)
        except InvalidValue:
            reply = Reply(("This button no longer works.",), (Text(("Please ask again.",)),), outcome="wrong")
        except WrongFields as fields:
            said = tuple(Text((why,)) for why in fields.wrong.values())
            reply = Reply(("Something needs another look.",), said, outcome="wrong")
            reply = replace(reply, wrong=tuple(fields.wrong.items()))
        except WrongWord as wrong:
            reply = self._wrong(wrong, ask)
        except NoSuch as nothing:
            offers = tuple(_in_place(each, ask.words) for each in nothing.offers)
            reply = Reply((nothing.what,), (Text(coded(nothing.why)),), buttons=offers, outcome="wrong")
        except FigshareError as error:
            if not asked.missed:
                log.info(
                    "figshare did not help", extra={"command": name, "cause": repr(error), "api": error.api}
                )
            reply = sentence(error, ask)
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("a command failed", extra={"command": name, "reference": reference})
            reply = failed(reference)
        finally:
            question.reset(token)
        if asked.taken and reply.outcome == "ok" and not (reply.public or reply.aside):
            reply = reply.with_notes(*ages(asked.taken, self._bot.clock()))
        if private and not reply.private:
            reply = replace(reply, private=True)
        if not asked.missed:
            self._observe(name, reply.outcome, time.perf_counter() - began)
        return reply

    async def _reply(self, ask: Ask, found: tuple[Command, str] | None) -> Reply:
        longest = found[0].longest if found else LONGEST_QUESTION
        if len(ask.words) > longest:
            has = f"more than {LONGEST:,}" if len(ask.words) > LONGEST else f"{len(ask.words):,}"
            raise WrongWord("", f"a question may have {longest:,} characters; this one has {has}", "")
        if found is None:
            return self._unknown(ask)
        command, text = found
        if command.role:
            await self._bot.roles.check(ask.user, ask.people, command.role)
        values = command.read(Reading(scan(text), self._bot.ours, ask.today), text)
        return await command.handle(self._bot, ask, *values)

    def _unknown(self, ask: Ask) -> Reply:
        word = ask.words.split(" ", 1)[0]
        near = self._bot.commands.nearest(ask.words)
        title: Line = ("I don't know ", Code(cut(word, 80)), ".")
        if near is None:
            return Reply(title, (_HELP,), buttons=(Button("help", "help"),), outcome="wrong")
        rest = ask.words.split(" ", 1)[1] if " " in ask.words else ""
        meant = (f"{near.name} {rest}" if rest else near.example) if near.slots else near.name
        return Reply(
            title,
            (Text(("Did you mean ", Code(near.usage), "?")), _HELP),
            buttons=(Button(meant, meant),),
            outcome="wrong",
        )

    def _wrong(self, wrong: WrongWord, ask: Ask) -> Reply:
        why = coded(_ended(wrong.why if wrong.word else capital(wrong.why)))
        said: Line = (Code(cut(wrong.word, 80)), ": ", *why) if wrong.word else why
        if not wrong.example:
            return Reply(said, outcome="wrong")
        example = self._runnable(wrong, ask)
        return Reply(
            said,
            (Text(("This works: ", Code(example))),),
            buttons=(Button(example, example),),
            outcome="wrong",
        )

    def _runnable(self, wrong: WrongWord, ask: Ask) -> str:
        """Put an example that is only a part of a question where the wrong word stood."""
        if self._bot.commands.by_name(wrong.example) or not wrong.word or wrong.word not in ask.words:
            return wrong.example
        return ask.words.replace(wrong.word, wrong.example, 1)


_HELP = Text((Code("help"), " lists what I can do."))


def _in_place(offer: Button, words: str) -> Button:
    """Let an offered reference stand where its bare number stood in the question."""
    bare = offer.words.rpartition(" ")[2]
    if bare not in words.split(" ") or offer.words == words:
        return offer
    meant = " ".join(offer.words if word == bare else word for word in words.split(" "))
    return replace(offer, label=meant, words=meant)


def _ended(text: str) -> str:
    return text if text.endswith(("?", "…")) else text + "."


def failed(reference: str) -> Reply:
    """Say that something went wrong; the log has the cause under the same reference."""
    return Reply(
        ("Something went wrong on my side.",),
        (Text(("Please try again; if it stays, tell whoever runs me this reference: ", Code(reference))),),
        outcome="failed",
    )


def sentence(error: FigshareError, ask: Ask) -> Reply:
    """Say what happened between us and Figshare, and what to do next."""
    what, then = trouble(error)
    again = (
        ()
        if isinstance(error, NotFound | NotAllowed | Refused | NotADraft | Unknown) or not ask.words
        else (Button("Try again", ask.words, ask.page),)
    )
    outcome = "wrong" if isinstance(error, NotFound | Refused | NotADraft | OaiError) else "trouble"
    return Reply((what,), (Text((then,)),), buttons=again, outcome=outcome)  # type: ignore[arg-type]


def ages(taken: list[Taken], now: float) -> list[Line]:
    """Say from when the figures are, and when they are stored ones because Figshare did not answer."""
    stale = [each.at for each in taken if each.stale]
    if stale:
        at = min(stale)
        return [
            (
                "Figshare did not answer just now: this is what it said ",
                ago(now - at),
                " ago, ",
                Moment(at),
                ".",
            )
        ]
    return [("As of ", Moment(min(each.at for each in taken)), ".")]
