"""Questions as people type them, and what each must come to; run as a program it prints what each came to.

`= views 5616445` is answered as that command, `? stats 5616445 | cite 5616445` is offered as buttons, and
`! a sentence` is said. Of `ours` the sample has a group, a portal with credentials and an institution.
"""

import asyncio

from bot.render.plain_text import terminal_text
from bot.reply import Code, Reply
from tests.support.bot_client import open_drafts_client
from tests.support.portals import LBORO

DOI, OTHER_DOI = "10.6084/m9.figshare.5616445", "10.6084/m9.figshare.11820345"

LIBRARIANS = [
    ("how many downloads did 5616445 get in 2025?", "= downloads 5616445 2025"),
    ("5616445 views", "= views 5616445"),
    ("please show me the views of 5616445", "= views 5616445"),
    ("most downloaded items last month", "= top downloads items last month"),
    ("What are the most viewed items of 2025?", "= top views items 2025"),
    ("downloads last month", "? downloads ours last month | top downloads last month"),
    ("views last month", "? views ours last month | top views last month"),
    ("downloads 2024", "? downloads ours 2024 | top downloads 2024"),
    ("our downloads last month", "= downloads ours last month"),
    ("how many views did we get last month?", "= views ours last month"),
    ("how are we doing this year?", "= stats ours this year"),
    ("our most downloaded items in 2025", "= top downloads items 2025 ours"),
    ("top 10 downloaded papers", "= top downloads items 10"),
    ("top ten most viewed authors", "= top views authors 10"),
    ("which items were downloaded most last quarter?", "= top downloads items last quarter"),
    ("most shared items of all time", "= top shares items all time"),
    ("ranking of collections by views", "= top views collections"),
    ("who viewed 5616445?", "? countries 5616445"),
    ("who downloaded our dataset 5616445", "? countries 5616445"),
    ("where do the views of 5616445 come from", "= countries 5616445"),
    ("from which countries was 5616445 downloaded in 2025", "= countries 5616445 2025"),
    ("downloads of 5616445 by country", "= countries 5616445"),
    ("monthly downloads of 5616445", "= timeline 5616445 by month"),
    ("views of 5616445 per month in 2025", "= timeline 5616445 2025 by month"),
    ("how did views of 5616445 develop over time", "? timeline 5616445"),
    ("chart of downloads for 5616445", "= timeline 5616445"),
    ("licence 5616445", "= item 5616445"),
    ("what is the licence of 5616445?", "= item 5616445"),
    ("is 5616445 under embargo?", "? item 5616445"),
    ("who wrote 5616445", "= item 5616445"),
    ("when was 5616445 published?", "= item 5616445"),
    ("what's new", "= new"),
    ("newest datasets", "= new datasets"),
    ("latest theses since 2026-01-01", "= new theses since 2026-01-01"),
    ("what's new in our repository", "= new ours"),
    ("is figshare down?", "= status"),
    ("how many times was 5616445 shared", "= shares 5616445"),
    (
        "hits for https://doi.org/10.6084/m9.figshare.5616445",
        "= views https://doi.org/10.6084/m9.figshare.5616445",
    ),
    ("5616445 11820345", "= stats 5616445 11820345"),
    (f"{DOI}, {OTHER_DOI}", f"= stats {DOI} {OTHER_DOI}"),
    (f"views of {DOI}, {OTHER_DOI} and 31400002", f"= views {DOI} {OTHER_DOI} 31400002"),
    ("compare 5616445 and 11820345", "= stats 5616445 11820345"),
    ("compare downloads of 5616445 and 11820345 last year", "= stats 5616445 11820345 last year"),
    ("usage of collection 4000001", "= stats collection 4000001"),
    ("collection 4000001 views last month", "= views collection 4000001 last month"),
    ("statistics for group 1001", "= stats group 1001"),
    ("views and downloads of 5616445 please", "= stats 5616445"),
    ("what can you do?", "= help"),
    ("frog", "? search frog"),
    ("poison dart frogs", "? search poison dart frogs"),
    ("find datasets about frogs", "= search frogs type:dataset"),
]

RESEARCHERS = [
    ("hi", "! Hello!"),
    ("Good morning!", "! Hello!"),
    ("hello there", "! Hello!"),
    ("thanks", "! You're welcome!"),
    ("thank you so much", "! You're welcome!"),
    ("cheers, great", "! You're welcome!"),
    ("my downloads", "! I don't know which author you are."),
    ("how often was my work viewed?", "! I don't know which author you are."),
    ("which of my papers was downloaded most", "! I don't know which author you are."),
    ("downloads of 5616445 in Germany", "? downloads 5616445"),
    ("views 5616445 vs 11820345", "= views 5616445 11820345"),
    ("how many views does my paper 5616445 have", "= views 5616445"),
    ("downloads of author 97471", "= downloads author 97471"),
    ("how many downloads has author number 97471 had this year", "= downloads author 97471 this year"),
    ("how popular is 5616445", "= stats 5616445"),
    ("how is 5616445 doing?", "= stats 5616445"),
    ("citations 5616445", "? stats 5616445 | cite 5616445"),
    ("citation for 5616445", "= cite 5616445"),
    ("how do I cite 5616445?", "= cite 5616445"),
    ("how do i cite 5616445 in bibtex", "= cite 5616445 bibtex"),
    ("bibtex for 5616445 please", "= cite 5616445 bibtex"),
    ("5616445 ris", "= cite 5616445 ris"),
    ("give me the APA citation of 5616445", "= cite 5616445 apa"),
    ("how many times was 5616445 cited", "= stats 5616445"),
    ("what is 5616445", "= item 5616445"),
    ("tell me about 5616445", "= item 5616445"),
    ("5616445 please", "= item 5616445"),
    ("5616445 frobnicate", "= item 5616445"),
    (
        "show me https://figshare.com/articles/presentation/x/5616445",
        "= item https://figshare.com/articles/presentation/x/5616445",
    ),
    ("can I see 10.6084/m9.figshare.5616445?", "= item 10.6084/m9.figshare.5616445"),
    ("dataset 5616445", "= item 5616445"),
    ("paper 5616445 views", "= views 5616445"),
    ("files of 5616445", "= files 5616445"),
    ("download link for 5616445", "= files 5616445"),
    ("what's in 11820345", "= files 11820345"),
    ("is there a newer version of 5616445?", "= versions 5616445"),
    ("history of 5616445", "= versions 5616445"),
    ("how many versions does 5616445 have", "= versions 5616445"),
    ("5616445 2025", "= stats 5616445 2025"),
    ("5616445 last month", "= stats 5616445 last month"),
    ("views 5616445 please", "= views 5616445"),
    ("views of 5616445", "= views 5616445"),
    ("views for 5616445 in March 2025", "= views 5616445 March 2025"),
    ("views 5616445 since last summer", "? views 5616445 since 2026-06-01"),
    ("how many poeple viewed 5616445", "? views 5616445"),
    ("vews 5616445", "? views 5616445"),
    ("veiws of 5616445", "? views 5616445"),
    ("how many donwloads did 5616445 get", "? downloads 5616445"),
    ("dowload 5616445", "? downloads 5616445"),
    ("serch title:frog", "? search title:frog"),
    ("find frogs", "= search frogs"),
    ("do you have anything on climate change", "= search climate change"),
    ("looking for theses on amphibian decline", "= search amphibian decline type:thesis"),
    ("search Page: a novel", '? search "Page" a novel | search page:2 novel'),
    ("search frog sort: relevance", '? search frog sort:views | search frog "sort" relevance'),
    ("views frog", "? views 5616445 | search frog"),
    ("climate change in Kenya", "? search climate change in Kenya"),
    ("where is 5616445 read", "= countries 5616445"),
    ("what can I ask?", "= help"),
    ("can you help me?", "= help"),
]

ADMINISTRATORS = [
    ("please pause 4", "? pause 4"),
    ("pls send 5", "? send 5"),
    ("puase 4", "? pause 4"),
    ("resum 4", "? resume 4"),
    ("delete 1", "? help"),
    ("remove digest 2", "? subscriptions"),
    ("subscribe frog", "? subscribe search frog"),
    ("subscrbe 5616445", "? subscribe 5616445"),
    ("subscribe to 5616445", "? subscribe 5616445"),
    ("please subscribe me to 5616445", "? subscribe 5616445"),
    ("subscribed 5616445", "? subscribe 5616445"),
    ("unsubscribe from 3", "? unsubscribe 3"),
    ("unsubscrib 3", "? unsubscribe 3"),
    ("which digests are there", "= subscriptions"),
    ("list subscriptions", "= subscriptions"),
    ("my drafts", "? drafts"),
    ("show me the drafts", "? drafts"),
    ("darfts", "? drafts"),
    ("are you there?", "= status"),
    ("are you working", "= status"),
    ("stauts", "? status"),
    ("hlep", "? help"),
    ("who are you", "= help"),
    ("how does this work?", "= help"),
    ("commands", "= help"),
    ("resource sync", "= resourcesync"),
    ("metadata formats", "= oai formats"),
    ("dublin core of 5616445", "= oai record 5616445"),
    ("show me the oai sets", "= oai sets"),
    ("timelin 5616445 2025", "? timeline 5616445 2025"),
    ("timeline of 5616445 for 2025 by month", "= timeline 5616445 2025 by month"),
    ("views 5616445 by month", "= timeline 5616445 by month"),
    ("stats for our repository last year", "= stats ours last year"),
    ("what did people download from us last month", "= downloads ours last month"),
    ("downloads group 1001 last month please", "= downloads group 1001 last month"),
    ("countries 5616445 last year please", "= countries 5616445 last year"),
    ("what is most popular?", "= top"),
    ("popular", "= top"),
    ("5616445 9784012 views 2025", "= views 5616445 9784012 2025"),
    ("stop words", "? subscriptions"),
    ("???", "? help"),
    ("asdf", "? search asdf"),
]

PERIODS = [
    ("downloads ours up to 2024", "= downloads ours until 2024"),
    ("downloads ours by March 2025", "= downloads ours until March 2025"),
    ("downloads ours to March 2025", "= downloads ours until March 2025"),
    ("downloads ours as of June 2025", "? downloads ours until June 2025 | downloads ours since June 2025"),
    ("downloads ours before 2021", "= downloads ours until 2020"),
    ("downloads ours before March 2021", "= downloads ours until 2021-02"),
    ("downloads ours prior to 5 March 2021", "= downloads ours until 2021-03-04"),
    ("downloads ours after 2021", "= downloads ours since 2022"),
    ("downloads ours after March 2025", "= downloads ours since 2025-04"),
    ("downloads ours until the end of 2024", "= downloads ours until 2024"),
    ("downloads ours since the start of 2024", "= downloads ours since 2024"),
    ("downloads ours not before 2024", "= downloads ours since 2024"),
    ("downloads ours 2024 or later", "= downloads ours since 2024"),
    ("downloads ours except 2024", "? downloads ours until 2023 | downloads ours since 2025"),
    ("downloads ours not 2024", "? downloads ours until 2023 | downloads ours since 2025"),
    ("downloads ours excluding March 2025", "? downloads ours until 2025-02 | downloads ours since 2025-04"),
    ("please give downloads of ours from 2020 to 2022", "= downloads ours from 2020 to 2022"),
    ("please give downloads of ours between 2020 and 2022", "= downloads ours between 2020 and 2022"),
    ("please give downloads of ours from 2021", "= downloads ours from 2021"),
    ("datasets about frogs before 2021", "= search frogs type:dataset until:2020"),
    ("views ours last monht", "? views ours last month"),
    ("views ours lst month", "? views ours last month"),
    ("views of 5616445 in Febuary 2025", "? views 5616445 february 2025"),
    ("views ours last academic year", "? views ours last year"),
    ("views ours next month", "? views ours this month | views ours last month"),
    ("views ours tomorrow", "? views ours today | views ours yesterday"),
    ("views ours two years ago", "? views ours 2024"),
    ("views ours since August", "? views ours since 2026-08"),
    ("views ours since the merger", "? views ours since 2026-06-01"),
    ("views ours last frog season", "? views ours last month"),
    ("views 5616445 30 days", "? views 5616445 last 30 days"),
    ("items with more than 100 downloads ours", "? top downloads items ours"),
    ("downloads ours more than 2024", "? downloads ours"),
]

IMPOSSIBLE = [
    ("delete 5616445", "? item 5616445 | help draft | help drafts"),
    ("publish 5616445", "? item 5616445 | help draft | help drafts"),
    ("edit the title of 5616445", "? item 5616445 | help draft | help drafts"),
    ("how do I withdraw collection 4000001?", "? collection 4000001 | help draft | help drafts"),
    ("why can't I edit my item", "? help draft | help drafts"),
    ("publish my draft", "? help draft | help drafts"),
    ("remove my draft", "? help draft delete | help drafts"),
    ("difference between v1 and v3 of 5616445", "? versions 5616445"),
    ("altmetric 5616445", "? item 5616445 | stats 5616445"),
    ("items by author 97471", "? help search | stats author 97471"),
    ("which items of ours were never downloaded", "? top downloads items ours"),
    ("least downloaded", "? top downloads"),
    ("items of ours with more than 100 downloads", "? top downloads items ours"),
    ("send me ours every friday", "? help subscribe"),
    ("what is an ORCID", "? search orcid | help"),
]

OUR_OWN = [
    ("how did we do last quarter?", "= stats ours last quarter"),
    ("how many datasets do we have?", "= search ours type:dataset"),
    ("list our theses", "? search ours type:thesis"),
    ("how many items do we have?", "= stats ours"),
    ("what did we publish last month?", "= new last month ours"),
    ("what was published yesterday?", "= new yesterday"),
    ("do we have anything on frogs", "= search ours frogs"),
]

TABLE = [
    (role, question, expected)
    for role, questions in (
        ("librarian", LIBRARIANS),
        ("researcher", RESEARCHERS),
        ("administrator", ADMINISTRATORS),
        ("anybody", [*PERIODS, *IMPOSSIBLE, *OUR_OWN]),
    )
    for question, expected in questions
]


def result(reply: Reply) -> str:
    """Return what a question came to, in the words of the table."""
    for footnote in reply.footnotes[:1]:
        if footnote[:1] == ("Understood as: ",) and isinstance(footnote[1], Code):
            return f"= {footnote[1].text}"
    offers = [button.words for button in reply.buttons if button.words]
    if reply.outcome != "ok" and offers:
        return f"? {' | '.join(offers)}"
    return f"! {terminal_text(reply).splitlines()[0]}"


async def _print_table() -> None:
    async with open_drafts_client(**LBORO) as client:
        for role, question, _ in TABLE:
            print(f"{role:14} {question:60} {result(await client.reply(question))}")


if __name__ == "__main__":
    asyncio.run(_print_table())
