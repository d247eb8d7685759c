"""The repository as OAI-PMH describes it."""

from collections.abc import Sequence

from bot.bot import Bot
from bot.commands import Question, command
from bot.figshare.errors import OaiError
from bot.figshare.oai_records import Record
from bot.items.lookup import a_kind, subject
from bot.language.references import Reference
from bot.language.tokens import InvalidArgument
from bot.reply import Button, Code, Copy, DoesNotExist, Part, Reply, Rows, Text
from bot.text import cut, day, plain, plural, safe

PAGE = 15


@command("oai identify", task="Harvest", examples=("oai identify", "oai formats"))
async def identify(bot: Bot, question: Question) -> Reply:
    """How the repository describes itself by OAI-PMH."""
    found = await bot.oai.identify()
    facts = {
        "Address": found.base_url,
        "Protocol": found.protocol_version,
        "Earliest record": found.earliest_datestamp,
        "Deleted records": found.deleted_record,
        "Granularity": found.granularity,
        "Contact": found.admin_email,
    }
    return Reply(
        (f"OAI-PMH: {plain(found.repository_name)}",),
        tuple(Text((cut(safe(value), 300),), name) for name, value in facts.items() if value),
        buttons=(Button("Sets", "oai sets"), Button("Formats", "oai formats")),
    )


@command("oai sets", task="Harvest", examples=("oai sets", "new portal 2"))
async def sets(bot: Bot, question: Question) -> Reply:
    """The sets that can be harvested: item types, portals, categories, months."""
    first = (question.page - 1) * PAGE
    found = await bot.oai.sets(first + PAGE + 1)
    shown = found.sets[first : first + PAGE]
    total = f" of {len(found.sets)}" if found.complete else ""
    said = f"{first + 1}–{first + len(shown)}{total}" if shown else "No more of them."
    return Reply(
        ("OAI-PMH sets",),
        (
            Text((said,)),
            Rows(
                tuple(
                    ((Code(cut(safe(each.set_spec), 80)), f" {cut(plain(each.set_name), 150)}"),)
                    for each in shown
                )
            ),
        ),
        page=question.page,
        has_next_page=len(found.sets) > first + PAGE,
    )


@command("oai formats", task="Harvest", examples=("oai formats", "oai record 5616445 oai_datacite"))
async def formats(bot: Bot, question: Question) -> Reply:
    """The metadata formats in which records can be had."""
    found = await bot.oai.formats()
    return Reply(
        ("OAI-PMH metadata formats",),
        (
            Rows(
                tuple(
                    ((Code(cut(safe(each.metadata_prefix), 80)),), (cut(safe(each.metadata_namespace), 200),))
                    for each in found
                )
            ),
        ),
        footnotes=((f"{plural(len(found), 'format')}.",),),
    )


@command(
    "oai record <reference> [format]",
    task="Harvest",
    examples=("oai record 5616445", "oai record 5616445 oai_datacite"),
)
async def record(bot: Bot, question: Question, asked: Reference, prefix: str | None) -> Reply:
    """The record of an item, as Dublin Core or in another format as XML."""
    identifier = bot.oai.identifier(await _article_id(bot, asked))
    try:
        found = await bot.oai.record(identifier, prefix or "oai_dc")
    except OaiError as error:
        raise await _explained(bot, error, identifier, prefix) from error
    parts = [
        Text((Code(identifier),), "Identifier"),
        Text((f"{day(found.header.datestamp.date())}, {found.header.datestamp:%H:%M} UTC",), "Datestamp"),
        Text((cut(", ".join(safe(each) for each in found.header.set_specs[:100]), 500) or "none",), "Sets"),
        *_content(found),
    ]
    return Reply(
        ("OAI-PMH record",),
        tuple(parts),
        buttons=(Button("Card", f"item {found.header.article_id}"), Button("Formats", "oai formats")),
    )


async def _article_id(bot: Bot, asked: Reference) -> int:
    if asked.id is not None and asked.doi is None and asked.kind in (None, "article"):
        # A withdrawn item is gone from the REST API but still has a record here.
        return asked.id
    thing = await subject(bot, asked)
    if thing.kind != "article":
        raise DoesNotExist(f"OAI-PMH has no record of {a_kind(thing.kind)}.", "It knows items only.")
    return thing.id


async def _explained(bot: Bot, error: OaiError, identifier: str, prefix: str | None) -> Exception:
    if error.code == "idDoesNotExist":
        return DoesNotExist(
            f"OAI-PMH knows no record {identifier}.", "The item may be private, or never have existed."
        )
    if error.code == "cannotDisseminateFormat" and prefix:
        known = ", ".join(cut(safe(each.metadata_prefix), 80) for each in (await bot.oai.formats())[:20])
        return InvalidArgument(
            prefix, f"no such format; there are {known}", f"oai record {identifier} oai_dc"
        )
    return error


def _content(found: Record) -> list[Part]:
    if found.header.deleted:
        return [Text(("withdrawn",), "Status")]
    if found.dc is None:
        return [Copy(found.xml)]
    dc = found.dc
    facts = {
        "Title": plain(plain(dc.title)),
        "Creators": _joined(dc.creator),
        "Subjects": _joined(dc.subject),
        "Type": plain(dc.type),
        "Date": day(dc.date.date()) if dc.date else "",
        "Identifier": safe(dc.identifier),
        "Relation": safe(dc.relation),
        "Rights": plain(dc.rights),
    }
    return [Text((cut(value, 600),), f"dc:{name.lower()}") for name, value in facts.items() if value]


def _joined(values: Sequence[str]) -> str:
    # The line is cut to 600 characters: no more than these are in it.
    return ", ".join(plain(each, 1_000) for each in values[:100])
