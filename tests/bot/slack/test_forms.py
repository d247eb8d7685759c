"""A form becomes a modal that Slack takes, and comes back with what was typed."""

import copy

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.drafts.form import LONGEST, Choices, digest, fields, html, shown
from bot.figshare.models import License
from bot.figshare.private import Group, PrivateArticle
from bot.render import blocks
from bot.reply import Choice, Field, Form, Reply, Text
from bot.slack import modals, views
from bot.slack.signing import Signer
from bot.slack.views import MOST_CHOSEN, Meta, Seal
from bot.standin.slack.blockkit import message_problems, too_long, view_problems
from bot.standin.slack.forms import Forms
from bot.standin.slack.views import View
from tests.conftest import INDEPENDENT

SEAL = Seal(Signer(b"key"), "U1")
ECOLOGY, BOTANY = Choice("Ecology · old", "7"), Choice("Botany", "8")
MANY = Choices(
    tuple(License(value=at, name=f"Licence {at} " + "x" * 90) for at in range(150)),
    tuple(Group(id=at, name=f"Group {at}") for at in range(150)),
)
FILLED = {
    "title": "Frog & <toad> calls",
    "type": (Choice("Dataset", "dataset"),),
    "description": "One\nTwo",
    "authors": "Ann Lee",
    "categories": (ECOLOGY, BOTANY),
    "keywords": "frogs, toads",
    "licence": (Choice("Licence 3", "3"),),
}


def assert_is_good(view):
    assert view_problems(copy.deepcopy(view)) == []
    if INDEPENDENT is not None:
        found = INDEPENDENT.check(view, "modal", schema="")
        assert [str(each) for each in found if each.level == "error"] == []


def form(filled, choices=MANY, **more):
    return Form("New draft", "draft.create", "Create", fields(filled, choices), opener="draft.form", **more)


def opened(view):
    """Give a modal as Slack sends it back when nothing was touched."""
    there = View("U1", copy.deepcopy(view))
    Forms.fill(None, there, {})
    return there.shape()


def test_a_form_filled_in_is_a_modal_that_slack_takes_and_gives_back_the_same():
    made = views.view(
        form(FILLED, said=(("Something to know.",),)), Meta(url="https://hooks.example/1"), SEAL
    )
    assert_is_good(made)
    back = views.filled(opened(made))
    assert {name: back[name] for name in ("title", "description", "authors", "categories", "type")} == {
        name: FILLED[name] for name in ("title", "description", "authors", "categories", "type")
    }
    assert back["licence"][0].value == "3" and back["funding"] == "" and back["group"] == ()


def test_shown_again_it_holds_what_was_typed_and_the_reason():
    made = views.view(form(FILLED), Meta(url="https://hooks.example/1"), SEAL)
    once = views.again(opened(made), [("Figshare does not answer.",), ("Please try again.",)])
    twice = views.again(opened(once), [("Still not.",)])
    for each in (once, twice):
        assert_is_good(each)
        assert views.filled(opened(each)) == views.filled(opened(made))
        assert each["private_metadata"] == made["private_metadata"]
        assert each["callback_id"] == "draft.create"
    assert [each["type"] for each in twice["blocks"]].count("rich_text") == 1


def test_without_choices_there_is_no_menu_to_choose_from():
    names = [each.name for each in fields({}, Choices())]
    assert "licence" not in names and "group" not in names and "type" in names


def test_what_a_draft_has_can_be_chosen_even_when_the_account_can_not():
    chosen = (Choice("Some other licence", "999"),)
    made = views.view(form({"licence": chosen}, Choices((License(value=1, name="CC BY"),))), Meta(), SEAL)
    assert_is_good(made)
    assert views.filled(opened(made))["licence"] == chosen


def test_a_light_form_has_nothing_to_submit():
    made = views.view(Form("New draft", "draft.create", fill=None), Meta(), SEAL)
    assert_is_good(made)
    assert "submit" not in made and "One moment" in str(made["blocks"])


def test_what_is_carried_unseen_never_grows_too_long():
    made = views.view(
        form({}, kept="k" * 2_900), Meta(url="https://hooks.example/" + "x" * 500, key="V1"), SEAL
    )
    assert_is_good(made)
    carried = SEAL.verify(made["private_metadata"], "draft.create")
    assert carried == Meta("k" * 2_900, "draft.form", key="V1")


def test_what_a_form_carries_is_taken_from_its_person_and_form_alone():
    signed = views.view(form({}, kept="31400003"), Meta(), SEAL)["private_metadata"]
    assert SEAL.verify(signed, "draft.create").kept == "31400003"
    assert Seal(SEAL.signer, "U2").verify(signed, "draft.create") is None
    assert SEAL.verify(signed, "draft.save") is None
    for forged in ("", '{"kept":"31400003"}', "{nonsense", signed[1:], signed.replace("3", "4")):
        assert SEAL.verify(forged, "draft.create") is None


def test_options_are_at_most_a_hundred_and_short_enough():
    told = views.options([Choice("x" * 200, str(at)) for at in range(300)])["options"]
    assert len(told) == 100 and all(len(each["text"]["text"]) <= 75 for each in told)


def test_the_longest_form_that_can_be_typed_fits_into_the_message_that_gives_it_back():
    most = {name: ("word " * 1_000)[:length] for name, length in LONGEST.items()}
    most["categories"] = tuple(Choice(f"{at}" + "x" * 72, f"{at}") for at in range(MOST_CHOSEN))
    shown_form = views.view(form(most), Meta(), SEAL)
    assert_is_good(shown_form)
    view = opened(shown_form)
    reply = Reply(("Figshare does not answer.",), (Text(("x" * 300,)),))
    message = blocks.message(modals._given_back(reply, view, Meta("7", "draft.form"), SEAL))
    assert message_problems(message["blocks"]) == [] and not too_long(message["blocks"])
    given = {name: value for name, value in views.filled(view).items() if value}
    assert views.kept(message["blocks"]) == given


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(sorted(LONGEST)), st.text(max_size=200)), st.text(max_size=90))
def test_any_text_makes_a_good_modal(typed, hint):
    made = views.view(
        Form("x" * 40, "draft.create", "y" * 40, (*fields(typed, MANY), Field("more", hint, hint=hint))),
        Meta(),
        SEAL,
    )
    assert view_problems(copy.deepcopy(made)) == []
    assert view_problems(views.again(opened(made), [(hint,), ()])) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("One\n\nTwo ", "One\nTwo"), ("", "\n"), ((ECOLOGY, BOTANY), (BOTANY, ECOLOGY)), ((), "")],
)
def test_the_sign_of_a_value_minds_what_matters(one, other):
    assert digest(one) == digest(other)
    assert digest("One\nTwo") != digest("One Two") and digest((ECOLOGY,)) != digest((BOTANY,))


def test_what_is_typed_is_what_the_form_shows_again():
    for typed in ("One & <two>\n\nThree", "5 < 6 > 4", "&amp; stays"):
        assert digest(shown(PrivateArticle(id=1, description=html(typed)))["description"]) == digest(typed)


@pytest.mark.parametrize(
    "markup", ["<p>a <b>b</b></p>", "<ul><li>a</li></ul>", '<a href="x">y</a>', "x" * 3_000]
)
def test_what_a_form_can_not_hold_is_not_in_it(markup):
    assert "description" not in shown(PrivateArticle(id=1, description=markup))


def test_an_empty_answer_of_figshare_can_be_shown():
    told = shown(msgspec.convert({"id": 1}, PrivateArticle))
    assert told["title"] == "" and told["categories"] == ()
    assert_is_good(views.view(form(told), Meta(), SEAL))
