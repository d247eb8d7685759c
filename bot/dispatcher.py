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
from bot.language.parameters import Reading
from bot.language.tokens import LONGEST, InvalidArgument, received, scan
from bot.permissions import PermissionDenied
from bot.reply import (
    Button,
    Choice,
    Code,
    DoesNotExist,
    Form,
    InvalidFields,
    Line,
    Moment,
    Reply,
    Text,
    UserError,
    coded,
)
from bot.text import ago, capital, cut
from bot.upstream.request_context import Question, Taken, question

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
        except UserError as error:
            reply = self._refusal(error, ask)
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
            raise InvalidArgument("", f"a question may have {longest:,} characters; this one has {has}", "")
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

    def _refusal(self, error: UserError, ask: Ask) -> Reply:
        """Return the reply to what can't be answered as it was asked."""
        title, buttons = coded(error.title), error.buttons
        details = [coded(line) for line in error.detail.split("\n") if line]
        if isinstance(error, DoesNotExist):
            buttons = tuple(_in_place(button, ask.words) for button in buttons)
        if isinstance(error, InvalidArgument):
            title = coded(_ended(error.reason if error.argument else capital(error.reason)))
            if error.argument:
                title = (Code(cut(error.argument, 80)), ": ", *title)
            if error.example:
                example = self._runnable(error, ask)
                details, buttons = [("This works: ", Code(example))], (Button(example, example),)
        return Reply(
            title,
            tuple(Text(line) for line in details),
            buttons=buttons,
            outcome=error.outcome,
            wrong=tuple(error.errors.items()) if isinstance(error, InvalidFields) else (),
            # It may name people, so it is nobody's business but the asker's.
            private=isinstance(error, PermissionDenied),
        )

    def _runnable(self, wrong: InvalidArgument, ask: Ask) -> str:
        """Put an example that is only a part of a question where the wrong word stood."""
        if self._bot.commands.by_name(wrong.example) or not wrong.argument or wrong.argument not in ask.words:
            return wrong.example
        return ask.words.replace(wrong.argument, wrong.example, 1)


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
