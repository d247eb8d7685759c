"""The files of an item."""

from bot.bot import Bot
from bot.commands import Question, command
from bot.figshare.models import ArticleComplete, File
from bot.items.access import access_lines, missing_files_lines
from bot.items.lookup import fetch_subject, newer_version_footnote
from bot.language.references import Reference
from bot.reply import DoesNotExist, Line, Link, Reply, Rows, Text
from bot.text import cut, file_size, plain, safe, safe_url

_FILES_PER_PAGE = 10


@command(
    "files <reference>",
    task="Look at",
    examples=("files 5616445", "files 5616445.v2"),
    # It says how long an embargo still lasts.
    depends_on_today=True,
    kinds=("article",),
    words="file, download link, download links, attachment, attachments, checksum, checksums, md5, "
    "contents, zip, inside, what is in, what's in",
)
async def files(bot: Bot, question: Question, reference: Reference) -> Reply:
    """The files of an item with sizes, types, checksums and download links."""
    subject = await fetch_subject(bot, reference)
    article = subject.record
    if not isinstance(article, ArticleComplete):
        raise DoesNotExist(
            f"{subject.kind.capitalize()}s have no files of their own.",
            "Ask for the files of one of their items.",
        )
    page = await bot.figshare.files(subject.id, subject.version, question.page, _FILES_PER_PAGE)
    first = (question.page - 1) * _FILES_PER_PAGE + 1
    parts: list[Text | Rows] = []
    if page:
        parts += [
            Text((_heading(article, page, question.page, first),)),
            *access_lines(article, question.today),
            Rows(tuple(_row(file, bot.figshare.url) for file in page), first_number=first),
        ]
    elif question.page > 1:
        parts.append(Text(("No more files",)))
    else:
        parts += missing_files_lines(article, question.today) or (Text(("No files",)),)
    return Reply(
        (subject.link,),
        tuple(parts),
        footnotes=await newer_version_footnote(bot, subject),
        page=question.page,
        has_next_page=len(page) == _FILES_PER_PAGE,
        subscribable=subject.words,
    )


def _heading(article: ArticleComplete, page: list[File], page_number: int, first: int) -> str:
    # An item's details list at most ten files: with fewer, the total is known.
    listed = article.files
    is_total_known = page_number == 1 and listed is not None and max(len(listed), len(page)) < _FILES_PER_PAGE
    total = f" of {len(page)}" if is_total_known else ""
    return f"Files {first}–{first + len(page) - 1}{total}, {file_size(article.size)} in all"


def _row(file: File, api_url: str) -> tuple[Line, ...]:
    name = cut(plain(file.name, 2_000), 200) or f"file {file.id}"
    if file.is_link_only:
        url = safe_url(file.download_url)
        return (
            (Link(name, url, is_strong=True),),
            ("an external link" + ("" if url else " that I can't show"),),
        )
    # The API's address serves scripts too; figshare.com/ndownloader wants proof that a person asks.
    url = f"{api_url}/file/download/{file.id}" if file.id else safe_url(file.download_url)
    facts = [file_size(file.size)]
    if file.mimetype and file.mimetype != "undefined":
        facts.append(cut(safe(file.mimetype), 80))
    if md5 := file.computed_md5 or file.supplied_md5:
        facts.append(f"md5 {cut(safe(md5), 64)}")
    return ((Link(name, url, is_strong=True),), (" · ".join(facts),))
