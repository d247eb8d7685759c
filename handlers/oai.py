"""The repository as OAI-PMH describes it."""

from collections.abc import Sequence

from bot.bot import Bot
from bot.commands import Question, command
from bot.figshare.errors import OaiError
from bot.figshare.oai_records import Record
from bot.items.lookup import fetch_subject
from bot.language.references import Reference
from bot.language.tokens import InvalidArgument
from bot.reply import Button, Code, Copy, DoesNotExist, Part, Reply, Rows, Text
from bot.text import cut, formatted_day, plain, plural, safe

_SETS_PER_PAGE = 15
_MAX_VALUE_LENGTH = 600


@command("oai identify", task="Harvest", examples=("oai identify", "oai formats"), words="oai-pmh")
async def oai_identify(bot: Bot, question: Question) -> Reply:
    """How the repository describes itself by OAI-PMH."""
    identity = await bot.oai.identify()
    facts = {
        "Address": identity.base_url,
        "Protocol": identity.protocol_version,
        "Earliest record": identity.earliest_datestamp,
        "Deleted records": identity.deleted_record,
        "Granularity": identity.granularity,
        "Contact": identity.admin_email,
    }
    return Reply(
        (f"OAI-PMH: {plain(identity.repository_name)}",),
        tuple(Text((cut(safe(value), 300),), name) for name, value in facts.items() if value),
        buttons=(Button("Sets", "oai sets"), Button("Formats", "oai formats")),
    )


@command("oai sets", task="Harvest", examples=("oai sets", "new portal 2"), words="sets, portals")
async def oai_sets(bot: Bot, question: Question) -> Reply:
    """The sets that can be harvested: item types, portals, categories, months."""
    first = (question.page - 1) * _SETS_PER_PAGE
    listed = await bot.oai.sets(first + _SETS_PER_PAGE + 1)
    page = listed.sets[first : first + _SETS_PER_PAGE]
    total = f" of {len(listed.sets)}" if listed.is_complete else ""
    rows = tuple(((Code(cut(safe(row.set_spec), 80)), f" {cut(plain(row.set_name), 150)}"),) for row in page)
    return Reply(
        ("OAI-PMH sets",),
        (
            Text((f"{first + 1}–{first + len(page)}{total}" if page else "No more sets.",)),
            Rows(rows),
        ),
        footnotes=((f"{plural(listed.unreadable, 'set')} left out: I couldn't read what Figshare sent.",),)
        if listed.unreadable
        else (),
        page=question.page,
        has_next_page=len(listed.sets) > first + _SETS_PER_PAGE,
    )


@command(
    "oai formats",
    task="Harvest",
    examples=("oai formats", "oai record 5616445 oai_datacite"),
    words="metadata formats, formats",
)
async def oai_formats(bot: Bot, question: Question) -> Reply:
    """The metadata formats available for records."""
    formats = await bot.oai.formats()
    rows = tuple(
        ((Code(cut(safe(row.metadata_prefix), 80)),), (cut(safe(row.metadata_namespace), 200),))
        for row in formats
    )
    return Reply(
        ("OAI-PMH metadata formats",),
        (Rows(rows),),
        footnotes=((f"{plural(len(formats), 'format')}.",),),
    )


@command(
    "oai record <reference> [format]",
    task="Harvest",
    examples=("oai record 5616445", "oai record 5616445 oai_datacite"),
    kinds=("article",),
    words="dublin core, oai record",
)
async def oai_record(bot: Bot, question: Question, reference: Reference, prefix: str | None) -> Reply:
    """The record of an item, as Dublin Core or in another format as XML."""
    identifier = bot.oai.identifier(await _article_id(bot, reference))
    try:
        record = await bot.oai.record(identifier, prefix or "oai_dc")
    except OaiError as error:
        raise await _user_error(bot, error, identifier, prefix) from error
    header = record.header
    sets = cut(", ".join(safe(spec) for spec in header.set_specs[:100]), 500)
    return Reply(
        ("OAI-PMH record",),
        (
            Text((Code(identifier),), "Identifier"),
            Text((f"{formatted_day(header.datestamp.date())}, {header.datestamp:%H:%M} UTC",), "Datestamp"),
            Text((sets or "none",), "Sets"),
            *_content(record),
        ),
        buttons=(Button("Card", f"item {header.article_id}"), Button("Formats", "oai formats")),
    )


async def _article_id(bot: Bot, reference: Reference) -> int:
    if reference.id is not None and reference.doi is None and reference.kind in (None, "article"):
        # A withdrawn item is gone from the REST API but still has a record here.
        return reference.id
    subject = await fetch_subject(bot, reference)
    if subject.kind != "article":
        raise DoesNotExist(f"OAI-PMH has no records of {subject.kind}s.", "It has only items.")
    return subject.id


async def _user_error(bot: Bot, error: OaiError, identifier: str, prefix: str | None) -> Exception:
    """Return the error that people see, the protocol's own where there is no better one."""
    if error.code == "idDoesNotExist":
        return DoesNotExist(
            f"There is no OAI-PMH record {identifier}.", "The item may be private or mistyped."
        )
    if error.code == "cannotDisseminateFormat" and prefix:
        formats = (await bot.oai.formats())[:20]
        listed = ", ".join(cut(safe(row.metadata_prefix), 80) for row in formats)
        return InvalidArgument(
            prefix, f"no such format; there are {listed}", f"oai record {identifier} oai_dc"
        )
    return error


def _content(record: Record) -> list[Part]:
    if record.header.is_deleted:
        return [Text(("withdrawn",), "Status")]
    if record.dublin_core is None:
        return [Copy(record.xml)]
    dc = record.dublin_core
    facts = {
        "title": plain(plain(dc.title)),
        "creators": _joined(dc.creator),
        "subjects": _joined(dc.subject),
        "type": plain(dc.type),
        "date": formatted_day(dc.date.date()) if dc.date else "",
        "identifier": safe(dc.identifier),
        "relation": safe(dc.relation),
        "rights": plain(dc.rights),
    }
    return [Text((cut(value, _MAX_VALUE_LENGTH),), f"dc:{name}") for name, value in facts.items() if value]


def _joined(values: Sequence[str]) -> str:
    # The line is cut, so more would not be seen.
    return ", ".join(plain(value, 1_000) for value in values[:100])
