"""The publisher's whole name and the title's exponents reach every citation, or none does."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.figshare.models import ArticleComplete, decode_json
from bot.items.citation_facts import own_citation, publisher
from bot.items.citations import apa, bibtex, csl, ris
from tests.items.test_citations import item, read_bibtex, read_ris
from tests.support.paths import SHARED

URL = "https://doi.org/10.5072/stg.1.v1"
EPA = "The United States Environmental Protection Agency's Center for Computational Toxicology and Exposure"
EXPONENTS = "Rates from 10<sup>4</sup> to 10<sup>&minus;2</sup> in H<sub>2</sub>O, x<sup>Q</sup>"


def cited(rest, title="Choir book", kind="dataset"):
    return item(title=title, citation=f"Lee, Ann; et al. (2024){rest}", defined_type_name=kind)


@pytest.mark.parametrize(
    "name",
    [
        "figshare",
        "University of St. Aldate",
        "Portal Press, Inc.",
        "Data.Portal of Riverland",
        "4RL.ResearchData",
        EPA,
        "Riverland University. Library",
        "Dataset Press",
    ],
)
@pytest.mark.parametrize("separator", [". ", ": "])
@pytest.mark.parametrize(
    "title", ["Choir book", "Vol. 1. The pond", "Frogs (2019). A list", "Is it <i>Rana</i>?"]
)
def test_publisher_is_the_whole_name(name, separator, title):
    bare_title = title.replace("<i>", "").replace("</i>", "")
    article = cited(f"{separator}{bare_title}. {name}. Dataset. {URL}", title)
    assert publisher(article) == name
    assert read_bibtex(bibtex(article))[2]["publisher"] == name
    assert ("PB", name) in read_ris(ris(article))
    assert json.loads(csl(article))[0]["publisher"] == name
    assert f" {name.rstrip('.')}. https" in apa(article)


@pytest.mark.parametrize(
    ("rest", "name"),
    [
        # Another title than the item has now: one full stop leaves no doubt, several do.
        (f". Old title. Riverland University. Dataset. {URL}", "Riverland University"),
        (f". Old title. University of St. Aldate. Dataset. {URL}", ""),
        (f". Vol. 1. Riverland University. Dataset. {URL}", ""),
        # No type, or no publisher
        (f". Choir book. University of St. Aldate. {URL}", "University of St. Aldate"),
        (f". Choir book. {URL}", ""),
        # No address
        (". Choir book. Riverland University. Dataset.", "Riverland University"),
        (". Choir book. Portal Press, Inc.. Dataset.", "Portal Press, Inc."),
        (". Choir book. Riverland University.", "Riverland University"),
        (". Old title. Riverland University. Dataset.", "Riverland University"),
        (
            ". Choir book. figshare.\n 10.6084/m9.figshare.1.v1\n Retrieved: 17 02, Mar 15, 2016 (GMT)",
            "figshare",
        ),
    ],
)
def test_publisher_is_none_where_it_cannot_be_told(rest, name):
    article = cited(rest)
    assert publisher(article) == name
    assert ("publisher" in read_bibtex(bibtex(article))[2]) == bool(name)
    assert [value for tag, value in read_ris(ris(article)) if tag == "PB"] == [name] * bool(name)


@pytest.mark.parametrize("citation", ["", None, "Frogs", "(2024)", f"Lee, Ann. Choir book. figshare. {URL}"])
def test_citation_that_cannot_be_read_has_no_publisher(citation):
    assert publisher(item(citation=citation)) == ""
    assert "[Data set]. https" in apa(item(citation=citation))


@given(st.text("aA .,:();'&", min_size=1, max_size=30), st.text("aA .,:();'", min_size=1, max_size=30))
def test_any_publisher_is_whole_or_none(title, name):
    title, name = " ".join(title.split()), " ".join(name.split())
    article = item(title=title, citation=f"Lee, Ann (2024). {title}. {name}. Dataset. {URL}")
    assert publisher(article) in (name, "")


def test_recorded_kinds_of_publishers_are_whole():
    folder = SHARED / "cases" / "articles"
    if not folder.is_dir():
        pytest.skip("no such answers here")
    names = {
        5000030: EPA,
        5000031: "University of St. Aldate",
        5000032: "Portal Press, Inc.",
        5000033: "Data.Portal of Riverland",
        5000071: "4RL.ResearchData",
        5000038: "",
    }
    for number, name in names.items():
        assert publisher(decode_json((folder / f"{number}.json").read_bytes(), ArticleComplete)) == name


def test_exponents_are_written_as_each_style_has_them():
    article = item(title=EXPONENTS)
    shown = "Rates from 10⁴ to 10⁻² in H₂O, x^Q"
    assert f" {shown} (Version 1)" in apa(article)
    assert ("TI", shown) in read_ris(ris(article))
    assert read_bibtex(bibtex(article))[2]["title"] == (
        r"{Rates from 10\textsuperscript{4} to 10\textsuperscript{−2} in "
        r"H\textsubscript{2}O, x\textsuperscript{Q}}"
    )
    assert json.loads(csl(article))[0]["title"] == (
        "Rates from 10<sup>4</sup> to 10<sup>−2</sup> in H<sub>2</sub>O, x<sup>Q</sup>"
    )


@pytest.mark.parametrize("title", [EXPONENTS, "Rates from 104 to 10−2 in H2O, xQ"])
def test_own_citation_has_the_exponents_that_figshare_lost(title):
    article = item(title=EXPONENTS, citation=f"Lee, Ann (2024). {title}. figshare. Dataset. {URL}")
    assert own_citation(article) == (
        f"Lee, Ann (2024). Rates from 10⁴ to 10⁻² in H₂O, x^Q. figshare. Dataset. {URL}"
    )
    assert publisher(article) == "figshare"


HANDLE = "https://hdl.handle.net/2134/14810.v1"
THESIS = {"doi": "", "handle": "2134/14810.v1", "defined_type_name": "thesis"}


@pytest.mark.parametrize("end", ["Thesis.", "Thesis", f"Thesis. {HANDLE}"])
def test_handle_is_the_address_in_every_style(end):
    article = item(**THESIS, citation=f"Lee, Ann (2013). Choir book. Riverland University. {end}")
    assert own_citation(article).endswith(f" {HANDLE}")
    assert apa(article).endswith(f"[Thesis]. Riverland University. {HANDLE}")
    assert read_bibtex(bibtex(article))[2]["url"] == HANDLE
    assert ("UR", HANDLE) in read_ris(ris(article))
    assert json.loads(csl(article))[0]["URL"] == HANDLE
    for style in (apa, bibtex, ris, csl):
        assert "Thesis." not in style(article).replace("[Thesis].", "")


def test_doi_goes_before_a_handle():
    article = item(handle="2134/14810.v1")
    assert "hdl.handle.net" not in apa(article) + own_citation(article)


@pytest.mark.parametrize("handle", ["", None, " ", "2134/1|<@U1>", "https://hdl.handle.net/"])
def test_without_a_usable_handle_the_page_is_the_address(handle):
    article = item(doi="", handle=handle, citation="Lee, Ann (2013). Choir book. Riverland University. Book.")
    assert own_citation(article).endswith(". Book.")
    assert apa(article).endswith(f" {article.url_public_html}")
