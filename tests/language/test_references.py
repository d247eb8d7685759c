"""Everything people paste refers to what they mean, and to nothing else."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.language.references import (
    Reference,
    command_words,
    is_file_link,
    label,
    leading_reference,
    parse_reference,
)

ITEM = 5616445
PAGE = "https://figshare.com/articles/presentation/Using_APIs_to_customise_repositories/5616445"
ORCID = "0000-0002-1825-0097"
SECRET = "0123456789abcdef0123"

FORMS = [
    ("5616445", Reference(id=ITEM)),
    ("5616445.v2", Reference(id=ITEM, version=2)),
    ("10.6084/m9.figshare.5616445", Reference(id=ITEM, doi="10.6084/m9.figshare.5616445")),
    ("10.6084/m9.figshare.5616445.v2", Reference(id=ITEM, version=2, doi="10.6084/m9.figshare.5616445")),
    ("10.6084/M9.FIGSHARE.5616445.V2", Reference(id=ITEM, version=2, doi="10.6084/m9.figshare.5616445")),
    ("doi:10.6084/m9.figshare.5616445", Reference(id=ITEM, doi="10.6084/m9.figshare.5616445")),
    (
        "https://doi.org/10.6084/m9.figshare.5616445.v2",
        Reference(None, ITEM, 2, "10.6084/m9.figshare.5616445"),
    ),
    ("http://dx.doi.org/10.6084/m9.figshare.5616445", Reference(id=ITEM, doi="10.6084/m9.figshare.5616445")),
    ("https://doi.org/10.6084%2Fm9.figshare.5616445", Reference(id=ITEM, doi="10.6084/m9.figshare.5616445")),
    ("doi.org/10.6084/m9.figshare.5616445?x=1#top", Reference(id=ITEM, doi="10.6084/m9.figshare.5616445")),
    (
        "https://www.doi.org/10.17028/rd.lboro.12345678.v1",
        Reference(None, 12345678, 1, "10.17028/rd.lboro.12345678"),
    ),
    ("10.15786/13696192.v3", Reference(None, 13696192, 3, "10.15786/13696192")),
    ("10.17608/k6.auckland.19105067.v2", Reference(None, 19105067, 2, "10.17608/k6.auckland.19105067")),
    ("10.25452/figshare.plus.123456.v1", Reference(None, 123456, 1, "10.25452/figshare.plus.123456")),
    ("10.26181/60112d78eeffe", Reference(doi="10.26181/60112d78eeffe")),
    ("10.1371/journal.pone.0039704", Reference(doi="10.1371/journal.pone.0039704")),
    ("10.1371/journal.pone.0039704.s001", Reference(doi="10.1371/journal.pone.0039704.s001")),
    ("10.5281/zenodo.1217023", Reference(id=1217023, doi="10.5281/zenodo.1217023")),
    ("10.0166/FK2.stagefigshareare.1234", Reference(id=1234, doi="10.0166/fk2.stagefigshareare.1234")),
    ("10.5072/FK2.FIGSHARE.1234", Reference(id=1234, doi="10.5072/fk2.figshare.1234")),
    (
        "10.6084/m9.figshare.c.4000001.v2",
        Reference("collection", 4000001, 2, "10.6084/m9.figshare.c.4000001"),
    ),
    ("10.6084/m9.figshare.c.4000001_d3.v1", Reference(version=1, doi="10.6084/m9.figshare.c.4000001_d3")),
    ("2134/12674225.v1", Reference(version=1, handle="2134/12674225.v1")),
    ("2381/27744", Reference(handle="2381/27744")),
    ("https://hdl.handle.net/2134/14810", Reference(handle="2134/14810")),
    ("10779/uos.12345678.v1", Reference(version=1, handle="10779/uos.12345678.v1")),
    (PAGE, Reference("article", ITEM)),
    (f"{PAGE}/2", Reference("article", ITEM, 2)),
    (f"{PAGE}?file=9772915&backTo=/x#top", Reference("article", ITEM)),
    (PAGE.removeprefix("https://"), Reference("article", ITEM)),
    ("https://opal.latrobe.edu.au/articles/dataset/_/8351662", Reference("article", 8351662)),
    (
        "https://repository.lboro.ac.uk/articles/journal_contribution/A_b/9468521/1",
        Reference("article", 9468521, 1),
    ),
    ("https://figshare.com/articles/Legacy_slug/766364/3", Reference("article", 766364, 3)),
    ("https://figshare.com/articles/Legacy_slug/766364", Reference("article", 766364)),
    ("https://figshare.com/articles/dataset/2020/123456", Reference("article", 123456)),
    ("https://figshare.com/articles/dataset/2020/123456/2", Reference("article", 123456, 2)),
    ("https://figshare.com/articles/dataset/8351662", Reference("article", 8351662)),
    ("https://figshare.com/articles/8351662", Reference("article", 8351662)),
    ("https://figshare.com/account/articles/8351662", Reference("article", 8351662)),
    ("https://widgets.figshare.com/articles/8351662/embed?show_title=1", Reference("article", 8351662)),
    ("https://figshare.com/ndownloader/articles/8351662/versions/2", Reference("article", 8351662, 2)),
    ("https://figshare.com/collections/A_slug/4000001", Reference("collection", 4000001)),
    ("https://figshare.com/collections/A_slug/4000001/2", Reference("collection", 4000001, 2)),
    ("https://figshare.com/projects/A_slug/113166", Reference("project", 113166)),
    ("https://figshare.com/authors/Leonardo_Uieda/97471", Reference("author", 97471)),
    ("https://api.figshare.com/v2/articles/5616445", Reference("article", ITEM)),
    ("https://api.figshare.com/v2/articles/5616445/versions/2", Reference("article", ITEM, 2)),
    ("https://api.figshare.com/v2/articles/5616445/files", Reference("article", ITEM)),
    ("https://api.figsh.com/v2/collections/4000001/versions/1", Reference("collection", 4000001, 1)),
    ("https://api.figshare.com/v2/projects/113166/articles", Reference("project", 113166)),
    ("oai:figshare.com:article/5616445", Reference("article", ITEM)),
    (ORCID, Reference("author", orcid=ORCID)),
    (f"https://orcid.org/{ORCID}", Reference("author", orcid=ORCID)),
    ("orcid.org/0000-0002-1694-233x", Reference("author", orcid="0000-0002-1694-233X")),
    (
        "https://commons.datacite.org/doi.org/10.6084/m9.figshare.5",
        Reference(id=5, doi="10.6084/m9.figshare.5"),
    ),
]

TWO_WORDS = [
    ("article 2025", Reference("article", 2025)),
    ("item 5616445.v2", Reference("article", ITEM, 2)),
    ("Article 10.6084/m9.figshare.5616445", Reference("article", ITEM, doi="10.6084/m9.figshare.5616445")),
    (f"item {PAGE}", Reference("article", ITEM)),
    ("item 2381/27744", Reference("article", handle="2381/27744")),
    ("collection 123", Reference("collection", 123)),
    ("collection 10.6084/m9.figshare.c.123", Reference("collection", 123, doi="10.6084/m9.figshare.c.123")),
    ("project 113166", Reference("project", 113166)),
    ("author 97471", Reference("author", 97471)),
    (f"author {ORCID}", Reference("author", orcid=ORCID)),
    ("author https://figshare.com/authors/Leonardo_Uieda/97471", Reference("author", 97471)),
    ("group 17", Reference("group", 17)),
    ("doi: 10.6084/m9.figshare.5616445", Reference(id=ITEM, doi="10.6084/m9.figshare.5616445")),
]


@pytest.mark.parametrize(("pasted", "meant"), FORMS)
def test_every_form_of_a_reference_is_parsed(pasted, meant):
    assert parse_reference(pasted) == meant


@pytest.mark.parametrize(("pasted", "meant"), FORMS)
@pytest.mark.parametrize(
    "around", ["<{}>", "<{}|what Slack shows>", "{}.", "{},", "({})", "{};", '"{}"', " {} ", "<{}|x>)."]
)
def test_wrapping_and_punctuation_around_it_are_ignored(pasted, meant, around):
    assert parse_reference(around.format(pasted)) == meant


@pytest.mark.parametrize(("pasted", "meant"), TWO_WORDS)
def test_kind_may_stand_before_a_reference(pasted, meant):
    assert leading_reference([*pasted.split(), "2025"]) == (meant, 2)


@pytest.mark.parametrize(("pasted", "meant"), FORMS + TWO_WORDS)
def test_command_of_a_reference_reads_back(pasted, meant):
    again = command_words(meant).split()
    assert leading_reference(again) == (meant, len(again))
    assert label(meant)


@pytest.mark.parametrize(
    "pasted",
    [
        f"https://figshare.com/s/{SECRET}",
        f"<https://figshare.com/s/{SECRET}|figshare.com/s/…>",
        f"opal.latrobe.edu.au/s/{SECRET}",
        f"https://figshare.com/s/{SECRET}?file=1",
        "https://team.figshare.com/s/short",
        f"{PAGE}?private_link={SECRET}",
        f"https://ndownloader.figshare.com/files/1?private_link={SECRET}",
    ],
)
def test_hash_of_a_private_link_is_dropped(pasted):
    reference = parse_reference(pasted)
    assert reference == Reference(is_private=True)
    assert leading_reference(["item", pasted]) == (reference, 2)
    assert SECRET not in label(reference) + command_words(reference) + repr(reference)


@pytest.mark.parametrize(
    "pasted",
    [
        *(
            "",
            "frog",
            "0",
            "-5",
            "+5",
            "5.5",
            "007",
            "٣٤٥",
            "５６１",
            "²",
            "12345678901234567890",
            "1000000000001",
        ),
        *(
            "5616445.v0",
            "5616445.v",
            "v2",
            "1/2",
            "2024/2025",
            "03/2025",
            "2025-03",
            "10.6084",
            "10.6084/",
            "and/or",
        ),
        *(
            "0000-0002-1825-0098",
            "https://orcid.org/",
            "https://figshare.com",
            "https://figshare.com/articles/",
        ),
        *(
            "https://figshare.com/articles/dataset/slug",
            "https://figshare.com/projects/slug/0",
            "https://[::1/articles/5",
        ),
        *(
            "https://github.com/orgs/x/projects/5",
            "oai:figshare.com:article/0",
            "<>",
            "<|>",
            "...",
            "https://",
        ),
        "https://figshare.com/articles/dataset/x/99999999999999",
        "9" * 5000,
    ],
)
def test_other_texts_are_no_reference(pasted):
    assert parse_reference(pasted) is None


@pytest.mark.parametrize(
    "phrase",
    [
        "collection 10.6084/m9.figshare.c.1 x".replace("collection", "item"),
        f"collection {PAGE}",
        f"project {PAGE}",
        "author 10.6084/m9.figshare.5",
        f"item {ORCID}",
        "group https://figshare.com/projects/x/5",
        "author 5.v2",
        "collection frog",
        "item",
        "doi: frog",
    ],
)
def test_kind_that_contradicts_the_reference_is_no_reference(phrase):
    assert leading_reference(phrase.split()) is None


@pytest.mark.parametrize(
    ("pasted", "is_one"),
    [
        ("https://figshare.com/ndownloader/files/5976078", True),
        ("https://ndownloader.figshare.com/files/5976078?x=1", True),
        ("<https://api.figshare.com/v2/file/download/5976078|file>", True),
        ("https://opal.latrobe.edu.au/ndownloader/files/5976078/preview/5976078/thumb.png", True),
        (PAGE, False),
        ("5976078", False),
        ("", False),
    ],
)
def test_link_to_a_file_is_no_reference(pasted, is_one):
    assert is_file_link(pasted) is is_one
    if is_one:
        assert parse_reference(pasted) is None


def test_label_names_an_item_as_people_know_it():
    assert label(Reference(id=ITEM)) == "item 5616445"
    assert label(Reference("article", ITEM, 2)) == "item 5616445.v2"
    assert (
        label(parse_reference("https://doi.org/10.6084/m9.figshare.5616445")) == "10.6084/m9.figshare.5616445"
    )
    assert label(Reference("collection", 123)) == "collection 123"
    assert label(Reference("author", 97471)) == "author 97471"
    assert label(Reference("author", orcid=ORCID)) == f"author {ORCID}"
    assert label(Reference(is_private=True)) == "a private link"


def test_words_after_a_reference_are_left():
    assert leading_reference(["5616445", "5616446", "2025"]) == (Reference(id=ITEM), 1)
    assert leading_reference([]) is None
    assert leading_reference(["article"]) is None


PARTS = st.sampled_from(
    [
        *(
            "https://",
            "http://",
            "figshare.com",
            "doi.org/",
            "doi:",
            "10.6084/",
            "10.1/",
            "m9.figshare.",
            "c.",
            ".v2",
            "/",
        ),
        *(
            "articles/",
            "collections/",
            "projects/",
            "authors/",
            "slug/",
            "5616445",
            "2",
            "v2/",
            "versions/",
            "?",
            "#",
        ),
        *(
            "%2F",
            "%20",
            "%00",
            "%25",
            "%",
            ")",
            "(",
            "<",
            ">",
            "|",
            "s/",
            "private_link=",
            SECRET,
            "oai:",
            "hdl:",
            "2134/",
        ),
        *(
            "item ",
            "author ",
            "collection ",
            ORCID,
            ".",
            "_d1",
            "é",
            "İ",
            "٣",
            "[",
            "&amp;",
            '"',
            "\u2028",
            "@",
            "\\",
        ),
    ]
)


@given(st.lists(PARTS | st.text(max_size=3), max_size=12).map("".join))
@example("10.1234/a.v2.v3")
@example("https://doi.org/10.1234/%3Ca%3E")
def test_any_text_reads_back_or_is_no_reference(text):
    is_file_link(text)
    reference = parse_reference(text)
    if reference is None:
        return
    if reference.is_private:
        assert reference == Reference(is_private=True)
        return
    assert reference.id or reference.doi or reference.handle or reference.orcid
    assert reference.id is None or 1 <= reference.id <= 10**12
    again = command_words(reference).split()
    assert leading_reference(again) == (reference, len(again))


@given(st.lists(PARTS | st.text(), max_size=4))
def test_any_words_begin_with_a_reference_or_none(pasted):
    leading = leading_reference([part.strip() for part in pasted])
    assert leading is None or leading[1] in (1, 2)


@given(st.integers(1, 10**12), st.integers(1, 9999) | st.none())
def test_every_id_and_version_is_parsed(number, version):
    assert parse_reference(command_words(Reference(id=number, version=version))) == Reference(
        id=number, version=version
    )
