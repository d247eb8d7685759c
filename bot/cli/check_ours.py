"""Checks what `ours` is made of, with what a token knows of its institution."""

import asyncio
from collections.abc import Awaitable, Iterator
from typing import TypeVar

from bot.bot import Bot
from bot.figshare.account import Account
from bot.figshare.errors import BadRequest, FigshareError, NotAllowed, NotFound
from bot.figshare.private import Group, Institution
from bot.settings import Settings
from bot.settings.ours import CREDENTIALS, OURS_NEEDS, unset_phrase
from bot.text import cut, plain, plural

T = TypeVar("T")


async def check_ours(bot: Bot) -> tuple[list[tuple[str, str]], list[str]]:
    """Return what was checked, each with its problem or an empty text; and what is worth knowing.

    A token that can't be used is a problem of its own, and says nothing here.
    """
    settings = bot.settings
    account = Account(bot.transport, settings.figshare_api_url, settings.figshare_token or "-")
    has_token = bool(settings.figshare_token)
    institution, groups, items, portal = await asyncio.gather(
        _known(account.institution()) if has_token else _nothing(),
        _known(account.groups()) if has_token else _nothing(),
        _known(bot.stats.count_articles(settings.figshare_group)) if settings.figshare_group else _nothing(),
        _portal_problem(bot),
    )
    results = [*_institution(settings, institution), *_group(settings, groups or [], items)]
    if portal is not None:
        results.append((f"FIGSHARE_PORTAL: {settings.figshare_portal}", portal))
    return results, list(_notes(settings, institution, groups))


def _institution(settings: Settings, known: Institution | None) -> Iterator[tuple[str, str]]:
    if known is None:
        return
    label, configured = _label(known), settings.figshare_institution
    if not configured:
        yield f"Institution of FIGSHARE_TOKEN: {label}; for `ours` set FIGSHARE_INSTITUTION={known.id}", ""
    elif configured == known.id:
        yield f"FIGSHARE_INSTITUTION: {label}", ""
    else:
        yield (
            "FIGSHARE_INSTITUTION",
            f"{configured} isn't the institution of FIGSHARE_TOKEN, which is {label}",
        )


def _group(settings: Settings, groups: list[Group], items: int | None) -> Iterator[tuple[str, str]]:
    by_id = {group.id: group for group in groups}
    # The parent of a root is 0, or one that the token doesn't see.
    root_groups = [group for group in groups if group.parent_id not in by_id]
    roots = ", ".join(map(_label, root_groups))
    configured = settings.figshare_group
    if not configured:
        if root_groups:
            yield (
                f"Root group of FIGSHARE_TOKEN: {roots}; for `ours` set FIGSHARE_GROUP={root_groups[0].id}",
                "",
            )
        return
    if groups and configured not in by_id:
        yield "FIGSHARE_GROUP", f"there is no group {configured}; the root group of FIGSHARE_TOKEN is {roots}"
        return
    group = by_id.get(configured)
    facts = [_label(group) if group else str(configured)]
    if group and group.parent_id in by_id:
        facts.append(f"below the root group {roots}")
    if items is not None:
        facts.append(plural(items, "public item"))
    yield f"FIGSHARE_GROUP: {', '.join(facts)}", ""


async def _portal_problem(bot: Bot) -> str | None:
    """Return what is wrong with the portal, empty where it is known; None where there is none to be asked."""
    if not (bot.settings.figshare_portal and bot.settings.stats_url):
        return None
    try:
        await bot.stats.total("views", "group", bot.settings.figshare_group or 1)
    except (NotFound, NotAllowed, BadRequest):
        return "Figshare's statistics know no such portal"
    except FigshareError:
        # The statistics have a line of their own.
        return None
    return ""


def _notes(settings: Settings, institution: Institution | None, groups: list[Group] | None) -> Iterator[str]:
    if institution is not None and not groups:
        yield "FIGSHARE_TOKEN isn't an administrator's, so Figshare doesn't tell it the institution's groups"
    if settings.figshare_portal and settings.stats_auth is None:
        yield (
            f"{' and '.join(CREDENTIALS)} aren't both set: without them Figshare gives no months, countries "
            "and rankings of the portal; ask Figshare support for them"
        )
    if any((settings.figshare_group, settings.figshare_institution, settings.figshare_portal)):
        for need in OURS_NEEDS:
            if phrase := unset_phrase(need, settings):
                yield f"`{need.questions[0]}` needs {phrase}"


def _label(named: Institution | Group) -> str:
    return f"{named.id} ({cut(plain(named.name, 300), 80) or 'without a name'})"


async def _known(answer: Awaitable[T]) -> T | None:
    """Return an answer, or None where Figshare doesn't give it."""
    try:
        return await answer
    except FigshareError:
        return None


async def _nothing() -> None:
    return None
