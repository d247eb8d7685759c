"""Authors are cited by their family name as they spell it; organisations are cited whole."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.figshare.models import ArticleComplete, Author, decode_json
from bot.items.author_names import AuthorName, author_name, cited_names
from bot.items.citations import apa, bibtex, csl, ris
from tests.items.test_citations import item, read_bibtex, read_ris
from tests.support.paths import SHARED

CASES = SHARED / "cases" / "articles"


def names_in(style, article):
    """Return the authors that a program reads in a citation, in the order in which it has them."""
    if style is bibtex:
        return read_bibtex(bibtex(article))[2].get("author", "").split(" and ")
    if style is ris:
        return [value for tag, value in read_ris(ris(article)) if tag == "AU"]
    return json.loads(csl(article))[0].get("author", [])


def case(number):
    path = CASES / f"{number}.json"
    if not path.exists():
        pytest.skip("no such answers here")
    return decode_json(path.read_bytes(), ArticleComplete)


@pytest.mark.parametrize(
    ("full_name", "family", "given"),
    [
        ("Ann Lee", "Lee", "Ann"),
        ("Esteban Guerrero Ramírez", "Ramírez", "Esteban Guerrero"),
        ("Piet van der Meer", "van der Meer", "Piet"),
        ("Piet Van der Meer", "Van der Meer", "Piet"),
        ("Luis de los Ríos", "de los Ríos", "Luis"),
        ("Luis De La Rosa", "De La Rosa", "Luis"),
        ("Hanna von Bach", "von Bach", "Hanna"),
        ("Ada da Silva", "da Silva", "Ada"),
        ("Jan ten Brink", "ten Brink", "Jan"),
        ("Jacob van 't Hoff", "van 't Hoff", "Jacob"),
        ("José Ortega y Gasset", "Ortega y Gasset", "José"),
        ("Omar Hale III", "Hale III", "Omar"),
        ("Piet van der Meer III", "van der Meer III", "Piet"),
        ("Tom Barrow-Lee", "Barrow-Lee", "Tom"),
        ("Thi Van Nguyen", "Nguyen", "Thi Van"),
        ("Van Nguyen", "Nguyen", "Van"),
        ("Young In Na", "Na", "Young In"),
        ("Frog, Jo", "Frog", "Jo"),
        ("van der Meer, Piet", "van der Meer", "Piet"),
        ("Dr. Bo Li, PhD", "Li", "Bo"),
        ("Prof. Dr. Bo Li, Ph.D., M.Sc.", "Li", "Bo"),
        ("Li, Bo, PhD", "Li", "Bo"),
        ("Bo Li, M.A.", "Li", "Bo"),
        ("Xiao Ming Ma", "Ma", "Xiao Ming"),
        ("XIAO MING MA", "MA", "XIAO MING"),
        ("CERN", "CERN", ""),
        ("王小明", "王小明", ""),
    ],
)
def test_person_is_split_before_the_family_name(full_name, family, given):
    assert author_name(Author(full_name=full_name), {}) == AuthorName(family, given)


@pytest.mark.parametrize(
    ("author", "name"),
    [
        (Author(full_name="Omar Hale Jr."), AuthorName("Hale", "Omar", "Jr.")),
        (Author(full_name="Omar Hale, Jr."), AuthorName("Hale", "Omar", "Jr.")),
        (Author(full_name="Hale, Omar, Jr."), AuthorName("Hale", "Omar", "Jr.")),
        (Author(full_name="Hale, Jr., Omar"), AuthorName("Hale", "Omar", "Jr.")),
        (Author(full_name="Omar Hale, III"), AuthorName("Hale", "Omar", "III")),
        (Author(first_name="Omar", last_name="Hale Jr."), AuthorName("Hale", "Omar", "Jr.")),
        (Author(first_name="Omar", last_name="Hale, Jr"), AuthorName("Hale", "Omar", "Jr")),
        (Author(first_name="Omar", last_name="Hale III"), AuthorName("Hale III", "Omar")),
        (Author(first_name="Jo", last_name="Sr"), AuthorName("Sr", "Jo")),
    ],
)
def test_junior_is_a_part_of_its_own(author, name):
    assert author_name(author, {}) == name
    if name.suffix:
        article = item(authors=[author], citation="")
        assert names_in(bibtex, article) == [f"Hale, {name.suffix}, Omar"]
        assert names_in(csl, article) == [{"family": "Hale", "given": "Omar", "suffix": name.suffix}]
        assert names_in(ris, article) == [f"Hale, Omar, {name.suffix}"]
        assert apa(article).startswith(f"Hale, O., {name.suffix}")


@pytest.mark.parametrize(
    "name",
    [
        "Department of Food, Farms and Rivers",
        "EPA's National Center for Computational Toxicology",
        "Prof. X and Y Group",
        "Anon & Co.",
        "Lee Ann (Riverland University)",
        "The Pond Collaboration",
        "Riverland Research Institute",
        "Universidad de Riverland",
        "Institut für Frösche",
        "Jo Frog and Bo Toad",
        "Frogs on Mars",
    ],
)
def test_organisation_stays_whole(name):
    first, _, last = name.rpartition(" ")
    for author in (Author(full_name=name), Author(full_name=name, first_name=first, last_name=last)):
        # Figshare's own citation splits it at the last space.
        article = item(
            authors=[author], citation=f"{last}, {first} (2024): X. figshare. Dataset. https://doi.org/10.1/2"
        )
        assert read_bibtex(bibtex(article))[2]["author"] == f"{{{name}}}".replace("&", r"\&")
        assert names_in(csl, article) == [{"literal": name}]
        assert names_in(ris, article) == [name]
        assert apa(article).startswith(name)


def test_names_are_spelled_as_in_a_citation_with_et_al():
    cited = (
        "Lind, Rosa; van der Meer, Piet; Guerrero Ramírez, Esteban; et al. (2024): Tides. figshare. Dataset. "
        "https://doi.org/10.1/2"
    )
    people = ["Rosa Lind", "Esteban Guerrero Ramírez", "Piet van der Meer", "Ines Fontaine", "Ada da Silva"]
    assert names_in(bibtex, item(authors=[Author(full_name=name) for name in people], citation=cited)) == [
        *("Lind, Rosa", "Guerrero Ramírez, Esteban", "van der Meer, Piet", "Fontaine, Ines", "da Silva, Ada"),
    ]


@pytest.mark.parametrize("row", ["et al.", "et al", "Et al.", "et. al.", "and others"])
def test_row_that_names_nobody_says_that_there_are_others(row):
    article = item(authors=[Author(full_name="Jo Frog"), Author(full_name=row)], citation="")
    assert names_in(bibtex, article) == ["Frog, Jo", "others"]
    assert names_in(csl, article) == [{"family": "Frog", "given": "Jo"}, {"literal": "others"}]
    assert names_in(ris, article) == ["Frog, Jo"] and ("N1", "and others") in read_ris(ris(article))
    assert apa(article).startswith("Frog, J., and others. (2021).")


def test_recorded_kinds_of_authors_are_cited_as_they_are():
    assert names_in(bibtex, case(5000046)) == [
        *("Lind, Rosa", "van der Meer, Piet", "de los Ríos, Luis", "Hale III, Omar", "Beck, Nora"),
        *("Fontaine, Ines", "Barrow-Lee, Tom", "Moss, Kai"),
    ]
    toxicology = "EPA's National Center for Computational Toxicology"
    assert names_in(csl, case(5000037)) == names_in(csl, case(5000039)) == [{"literal": toxicology}]
    assert names_in(csl, case(5000038)) == [{"literal": "Department of Food, Farms and Rivers"}]
    assert names_in(ris, case(5000052)) == [
        *("Frog, Jo", "Lee Ann (Riverland University)", "Li, Bo", "Anon & Co.", "Prof. X and Y Group"),
    ]


# No title, degree or organisation has an x there.
WORD = st.from_regex(r"[A-Z]x[a-zé]{1,5}", fullmatch=True)
PARTICLE = st.sampled_from(["", "van ", "von ", "de ", "da ", "van der ", "de la ", "De ", "Van de "])
SUFFIX = st.sampled_from(["", " III", " IV"])


@given(given_name=WORD, particle=PARTICLE, family=WORD, suffix=SUFFIX)
def test_every_spelling_of_a_person_is_the_same_name(given_name, particle, family, suffix):
    whole = f"{particle}{family}{suffix}"
    expected = AuthorName(whole, given_name)
    cited = cited_names(f"{whole}, {given_name}; et al. (2024): X. figshare. Dataset. https://doi.org/10.1/2")
    for author, names in (
        (Author(full_name=f"{given_name} {whole}"), {}),
        (Author(full_name=f"{given_name} {whole}"), cited),
        (Author(full_name=f"{whole}, {given_name}"), {}),
        (Author(first_name=given_name, last_name=whole), {}),
    ):
        assert author_name(author, names) == expected


@given(
    st.text("abAB .,;-&(){}\\'éI", max_size=40),
    st.text("abAB ,.JrI", max_size=12),
    st.text("ab (2024),;.", max_size=60),
)
def test_no_letter_of_any_name_is_lost(full_name, last_name, citation):
    author = Author(full_name=full_name, last_name=last_name)
    name = author_name(author, cited_names(citation))
    if name is None:
        assert not (full_name + last_name).strip()
        return

    def letters(text):
        return sorted(char for char in text if char.isalnum())

    assert letters(str(name)) in (letters(full_name), letters(last_name))
