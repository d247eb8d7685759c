"""The files of an item."""

from bot.bot import Bot
from bot.commands import Question, command
from bot.figshare.models import ArticleComplete, File
from bot.items.lookup import a_kind, newer, subject
from bot.language.references import Reference
from bot.reply import DoesNotExist, Line, Link, Reply, Rows, Text
from bot.text import cut, plain, safe, size, web

PAGE = 10


@command("files <reference>", task="Look at", examples=("files 5616445", "files 5616445.v2"))
async def files(bot: Bot, question: Question, asked: Reference) -> Reply:
    """The files of an item with sizes, types, checksums and download links."""
    thing = await subject(bot, asked)
    found = thing.record
    if not isinstance(found, ArticleComplete):
        raise DoesNotExist(
            f"{a_kind(thing.kind).capitalize()} has no files of its own.",
            "Its items have: ask for their files.",
        )
    rows = await bot.figshare.files(thing.id, thing.version, question.page, PAGE)
    first = (question.page - 1) * PAGE + 1
    known = found.files is not None and len(found.files) < PAGE and question.page == 1 and len(rows) < PAGE
    total = f" of {len(rows)}" if known else ""
    said = f"Files {first}–{first + len(rows) - 1}{total}, {size(found.size)} in all" if rows else "No files"
    if not rows and question.page > 1:
        said = "No more files"
    if not rows and found.is_embargoed:
        said = "Under embargo: no files to show"
    return Reply(
        (thing.link,),
        (
            Text((said,)),
            *((Rows(tuple(_row(each, bot.figshare.url) for each in rows), first=first),) if rows else ()),
        ),
        footnotes=await newer(bot, thing),
        page=question.page,
        has_next_page=len(rows) == PAGE,
        subscribable=thing.words,
    )


def _row(found: File, api: str) -> tuple[Line, ...]:
    name = cut(plain(found.name, 2_000), 200) or f"file {found.id}"
    if found.is_link_only:
        where = web(found.download_url)
        return (
            (Link(name, where, strong=True),),
            ("a link to another place" + ("" if where else ", which I can't show"),),
        )
    # This address answers scripts too; figshare.com/ndownloader asks them to prove that they are people.
    url = f"{api}/file/download/{found.id}" if found.id else web(found.download_url)
    facts = [size(found.size)]
    if found.mimetype and found.mimetype != "undefined":
        facts.append(cut(safe(found.mimetype), 80))
    md5 = found.computed_md5 or found.supplied_md5
    if md5:
        facts.append(f"md5 {cut(safe(md5), 64)}")
    return ((Link(name, url, strong=True),), (" · ".join(facts),))
