"""A citation says the right things, and other programs can read it."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.figshare.models import ArticleComplete, Author, License, Timeline, decode_json
from bot.items.citations import apa, bibtex, csl, ris
from bot.text import plain
from tests.support.paths import SHARED


def item(**changes):
    facts = {
        "id": 14763051,
        "title": "Test data for the <em>Pooch</em> library",
        "authors": [Author(full_name="Leonardo Uieda", first_name="Leonardo", last_name="Uieda")],
        "doi": "10.6084/m9.figshare.14763051.v1",
        "url_public_html": "https://figshare.com/articles/dataset/Test_data/14763051",
        "published_date": "2024-06-10T14:45:37Z",
        "timeline": Timeline(first_online="2021-06-10T14:45:37"),
        "defined_type_name": "dataset",
        "license": License(name="CC BY 4.0", url="https://creativecommons.org/licenses/by/4.0/"),
        "version": 1,
        "tags": ["Python", "frogs, toads"],
        "citation": "Uieda, Leonardo (2021). Test data. figshare. Dataset. https://doi.org/10.6084/m9.figshare.14763051.v1",
    }
    return ArticleComplete(**facts | changes)


def people(count):
    return [Author(full_name=f"Ann B{n}", first_name="Ann", last_name=f"B{n}") for n in range(count)]


def read_bibtex(text):
    """Read one entry as BibTeX does: values are what stands between balanced braces, whatever is escaped."""
    kind, key, remaining = re.fullmatch(r"@(\w+)\{([^,\s{}]+),\n(.*)\n\}", text, re.DOTALL).groups()
    fields, index = {}, 0
    while index < len(remaining):
        name = re.compile(r"\s*(\w+) = \{").match(remaining, index)
        start = index = name.end()
        depth = 1
        while depth:
            depth += {"{": 1, "}": -1}.get(remaining[index], 0)
            index += 1
        fields[name[1]] = remaining[start : index - 1]
        assert remaining[index : index + 2] in (",\n", "")
        index += 2
    return kind, key, fields


def untex(text):
    for name, char in (("backslash", "\x00"), ("asciitilde", "~"), ("asciicircum", "^")):
        text = text.replace(f"\\text{name}{{}}", char)
    text = text.replace("\\textbraceleft{}", "\x01").replace("\\textbraceright{}", "\x02")
    assert not re.search(r"(?<!\\)[&%$#_]", text)
    text = re.sub(r"\\([&%$#_])", r"\1", text)
    assert "\\" not in text
    plain_text = text.replace("{", "").replace("}", "")
    return plain_text.translate({0: "\\", 1: "{", 2: "}"})


def read_ris(text):
    rows = [re.fullmatch(r"([A-Z][A-Z0-9])  - (.*)", line).groups() for line in text.split("\n")]
    assert rows[0][0] == "TY" and rows[-1] == ("ER", "")
    return rows


def test_apa_of_one_author():
    assert apa(item()) == (
        "Uieda, L. (2021). Test data for the Pooch library (Version 1) [Data set]. figshare. "
        "https://doi.org/10.6084/m9.figshare.14763051.v1"
    )


def test_apa_of_bare_item_says_no_date():
    bare = ArticleComplete(id=5, title="A <b>frog</b>", url_public_html="https://figshare.com/articles/_/5")
    assert apa(bare) == "A frog. (n.d.). https://figshare.com/articles/_/5"


def test_apa_of_many_authors_shows_nineteen_and_the_last():
    assert apa(item(authors=people(3))).startswith("B0, A., B1, A., & B2, A. (2021).")
    assert apa(item(authors=people(25))).startswith("B0, A., B1, A.")
    assert ", B18, A., . . . B24, A. (2021)." in apa(item(authors=people(25)))


def test_bibtex_has_all_fields():
    kind, key, fields = read_bibtex(bibtex(item()))
    assert (kind, key) == ("misc", "figshare14763051")
    assert fields == {
        "author": "Uieda, Leonardo",
        "title": "{Test data for the Pooch library}",
        "year": "2021",
        "publisher": "figshare",
        "howpublished": "Dataset",
        "version": "1",
        "note": "CC BY 4.0",
        "keywords": "Python, {frogs, toads}",
        "doi": "10.6084/m9.figshare.14763051.v1",
        "url": "https://doi.org/10.6084/m9.figshare.14763051.v1",
    }


def test_ris_has_all_tags():
    assert read_ris(ris(item())) == [
        ("TY", "DATA"),
        ("ID", "figshare14763051"),
        ("AU", "Uieda, Leonardo"),
        ("TI", "Test data for the Pooch library"),
        ("PY", "2021"),
        ("DA", "2021/06/10"),
        ("PB", "figshare"),
        ("ET", "1"),
        ("DO", "10.6084/m9.figshare.14763051.v1"),
        ("UR", "https://doi.org/10.6084/m9.figshare.14763051.v1"),
        ("C1", "CC BY 4.0"),
        ("KW", "Python"),
        ("KW", "frogs, toads"),
        ("ER", ""),
    ]


@pytest.mark.parametrize(
    ("kind", "ty"), [("software", "COMP"), ("thesis", "THES"), ("poster", "GEN"), ("", "GEN")]
)
def test_ris_type_follows_the_item_type(kind, ty):
    assert read_ris(ris(item(defined_type_name=kind)))[0] == ("TY", ty)


def test_csl_has_all_fields():
    assert json.loads(csl(item())) == [
        {
            "id": "figshare14763051",
            "type": "dataset",
            "title": "Test data for the Pooch library",
            "author": [{"family": "Uieda", "given": "Leonardo"}],
            "issued": {"date-parts": [[2021, 6, 10]]},
            "publisher": "figshare",
            "genre": "dataset",
            "version": "1",
            "DOI": "10.6084/m9.figshare.14763051.v1",
            "URL": "https://doi.org/10.6084/m9.figshare.14763051.v1",
            "note": "CC BY 4.0",
            "keyword": "Python, frogs, toads",
        }
    ]


def test_many_authors_are_limited_to_twenty_and_others():
    many = item(authors=people(63))
    assert apa(many, max_authors=20).startswith("B0, A., ") and "B19, A., and others. (2021)." in apa(
        many, max_authors=20
    )
    assert read_bibtex(bibtex(many, max_authors=20))[2]["author"].endswith("B19, Ann and others")
    assert ("N1", "and 43 other authors") in read_ris(ris(many, max_authors=20))
    assert json.loads(csl(many, max_authors=20))[0]["author"][20:] == [{"literal": "others"}]
    assert len(json.loads(csl(many))[0]["author"]) == 63
    assert "others" not in bibtex(item(authors=people(20)), max_authors=20)


def test_names_are_split_as_in_figshare_citations():
    whole = [Author(full_name="Esteban Guerrero Ramírez"), Author(full_name="CERN")]
    cited = (
        "Guerrero Ramírez, Esteban; CERN (2021): X. Loughborough University. Dataset. https://doi.org/10.1/2"
    )
    fields = read_bibtex(bibtex(item(authors=whole, citation=cited)))[2]
    assert fields["author"] == "Guerrero Ramírez, Esteban and {CERN}"
    assert fields["publisher"] == "Loughborough University"
    assert (
        read_bibtex(bibtex(item(authors=whole, citation=None)))[2]["author"]
        == "Ramírez, Esteban Guerrero and {CERN}"
    )


def test_names_bibtex_would_split_are_in_braces():
    authors = [Author(full_name="x", first_name="Rock and Roll", last_name="Smith"), None]
    assert read_bibtex(bibtex(item(authors=authors)))[2]["author"] == "Smith, {Rock and Roll}"


def test_recorded_items_are_cited_with_the_year_of_figshare():
    recorded = SHARED / "figshare" / "responses" / "articles"
    if not recorded.is_dir():
        pytest.skip("no recorded answers here")
    for file in sorted(recorded.glob("[0-9]*.json")):
        body = json.loads(file.read_bytes())
        if "citation" not in body:
            continue
        article = decode_json(json.dumps(body).encode(), ArticleComplete)
        year = re.search(r"\(([0-9]{4})\)", article.citation)[1]
        assert f"({year})" in apa(article)
        assert read_bibtex(bibtex(article))[2]["year"] == year


NASTY = st.text(st.sampled_from("{}\\@%&$#_~^\"',;<>=-\n\r\t and,ÀTY ER") | st.characters(), max_size=30)


@given(title=NASTY, name=NASTY, given=NASTY, tag=NASTY, licence=NASTY, kind=NASTY, cited=NASTY, doi=NASTY)
def test_any_text_in_an_item_gives_a_readable_citation(title, name, given, tag, licence, kind, cited, doi):
    nasty = item(
        title=title,
        authors=[Author(full_name=f"{given} {name}"), Author(first_name=given, last_name=name), None],
        tags=[tag, None],
        license=License(name=licence),
        defined_type_name=kind,
        citation=cited,
        doi=doi,
        url_public_html=doi,
    )
    plain_title = plain(title) or "Untitled"
    assert untex(read_bibtex(bibtex(nasty))[2]["title"]) == plain_title
    assert ("TI", plain_title) in read_ris(ris(nasty))
    assert json.loads(csl(nasty))[0]["title"] == plain_title
    assert plain_title in apa(nasty) and "\n" not in apa(nasty)
