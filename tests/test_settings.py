"""Whether the environment is read completely, and a mistake in it said in one message without a secret."""

import dataclasses
import os
import subprocess
import sys
from urllib.parse import quote

import pytest

from bot.settings import InvalidSettings, Settings
from tests.support.paths import ROOT

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1-secret",
    "SLACK_SIGNING_SECRET": "signing-secret",
    "SLACK_APP_TOKEN": "xapp-1-secret",
    "SLACK_API_URL": "https://slack-gov.com/api/",
    "HOST": "127.0.0.1",
    "PORT": "8080",
    "FIGSHARE_API_URL": "https://api.figsh.com/v2/",
    "FIGSHARE_STATS_URL": "https://stats.example.org",
    "FIGSHARE_OAI_URL": "https://oai.example.org/oai",
    "FIGSHARE_RESOURCESYNC_URL": "https://a.org/.well-known/resourcesync, https://b.org/rs",
    "FIGSHARE_TOKEN": "figshare-secret",
    "FIGSHARE_PORTAL": "lboro",
    "FIGSHARE_INSTITUTION": "2",
    "FIGSHARE_GROUP": "20401",
    "FIGSHARE_YEAR_START": "08-01",
    "FIGSHARE_IMPERSONATE": "email",
    "FIGSHARE_STATS_USERNAME": "lboro-secret",
    "FIGSHARE_STATS_PASSWORD": "password-secret",
    "FIGSHARE_REQUESTS_PER_SECOND": "0.5",
    "FIGSHARE_BURST": "3",
    "FIGSHARE_TIMEOUT": "7.5",
    "DRAFT_USERS": "U123, S456",
    "SUBSCRIBE_USERS": "W123",
    "DATABASE_URL": "postgres://user:db-secret@host/db",
    "REDIS_URL": "redis://:redis-secret@host",
    "LOG_LEVEL": "debug",
    "LOG_FORMAT": "json",
}
WRONG = {
    "SLACK_BOT_TOKEN": "xoxp-wrong-secret",
    "SLACK_APP_TOKEN": "xoxb-wrong-secret",
    "SLACK_API_URL": "slack.com",
    "PORT": "70000",
    "FIGSHARE_API_URL": "ftp://api.figshare.com",
    "FIGSHARE_STATS_URL": "stats",
    "FIGSHARE_OAI_URL": "//x",
    "FIGSHARE_RESOURCESYNC_URL": "https://a.org/rs,nothing",
    "FIGSHARE_PORTAL": "Loughborough University",
    "FIGSHARE_INSTITUTION": "two",
    "FIGSHARE_GROUP": "-1",
    "FIGSHARE_YEAR_START": "13-01",
    "FIGSHARE_IMPERSONATE": "everybody",
    "FIGSHARE_REQUESTS_PER_SECOND": "0",
    "FIGSHARE_BURST": "many",
    "FIGSHARE_TIMEOUT": "-3",
    "DRAFT_USERS": "maya",
    "SUBSCRIBE_USERS": "#research",
    "DATABASE_URL": "mysql://user:db-secret@host",
    "REDIS_URL": "memcached://:redis-secret@host",
    "LOG_LEVEL": "LOUD",
    "LOG_FORMAT": "xml",
}


def test_every_variable_is_read():
    read = Settings.from_env(GOOD)
    usual = Settings()
    assert set(Settings.variables()) == set(GOOD)
    for field in dataclasses.fields(Settings):
        if field.name != "dyno":
            assert getattr(read, field.name) != getattr(usual, field.name), field.name
    assert read.figshare_resourcesync_url == ("https://a.org/.well-known/resourcesync", "https://b.org/rs")
    assert read.draft_users == ("U123", "S456") and read.log_level == "DEBUG" and read.port == 8080
    assert read.figshare_api_url == "https://api.figsh.com/v2"


def test_defaults_are_those_of_the_documentation():
    usual = Settings.from_env({})
    assert usual == Settings()
    assert (usual.host, usual.port, usual.slack_api_url) == ("0.0.0.0", 3000, "https://slack.com/api")
    assert usual.figshare_api_url == "https://api.figshare.com/v2"
    assert usual.stats_url == "https://stats.figshare.com"
    assert usual.oai_url == "https://api.figshare.com/v2/oai"
    assert usual.figshare_resourcesync_url == ("https://scholardata.sun.ac.za/.well-known/resourcesync",)
    assert (usual.figshare_requests_per_second, usual.figshare_burst, usual.figshare_timeout) == (1, 10, 10)
    assert usual.figshare_institution is None and usual.draft_users == ()
    assert "figshare-bot.db" in usual.database_url and usual.redis_url == ""
    assert (usual.log_level, usual.log_format) == ("INFO", "text")


def test_empty_variable_has_its_default():
    assert Settings.from_env(dict.fromkeys(GOOD, " ")) == Settings()


def test_error_names_every_malformed_variable():
    with pytest.raises(InvalidSettings) as wrong:
        Settings.from_env(WRONG)
    message = str(wrong.value)
    assert [problem.split(" ")[0] for problem in wrong.value.problems] == list(WRONG)
    assert "secret" not in message and "password" not in message


@pytest.mark.parametrize("name", WRONG)
def test_error_names_only_the_malformed_variable(name):
    with pytest.raises(InvalidSettings) as wrong:
        Settings.from_env(GOOD | {name: WRONG[name]})
    assert len(wrong.value.problems) == 1 and wrong.value.problems[0].startswith(f"{name} ")


def test_settings_show_no_secret():
    assert "secret" not in repr(Settings.from_env(GOOD))


REDIS = ("REDIS_URL", "rediss://")
URLS = [name for name in GOOD if name.endswith("_URL") and name not in ("DATABASE_URL", "REDIS_URL")]


@pytest.mark.parametrize("name", URLS)
def test_url_with_a_password_is_refused(name):
    for address in ("https://ann:db-secret@host/v2", "https://db-secret@host", "https://ann:db/secret@host"):
        with pytest.raises(InvalidSettings) as wrong:
            Settings.from_env({name: address})
        assert wrong.value.problems == [f"{name} must be an address without a name or a password in it"]


@pytest.mark.parametrize(
    "wrong", ["https://[secret]/", "https://host:secret", "https://ho st/", "https://:80"]
)
def test_malformed_url_is_not_repeated(wrong):
    with pytest.raises(InvalidSettings) as raised:
        Settings.from_env({"FIGSHARE_API_URL": wrong})
    assert raised.value.problems == [
        "FIGSHARE_API_URL must be an address such as https://api.figshare.com/v2"
    ]


@pytest.mark.parametrize("password", ["p@ssw", "p/ssw", "p#ssw", "p?ssw", "12/34", "1#2@3"])
def test_unencoded_password_is_refused(password):
    encoded = quote(password, safe="")
    for name, start in ("DATABASE_URL", "postgres://"), ("DATABASE_URL", "postgresql+psycopg://"), REDIS:
        with pytest.raises(InvalidSettings) as wrong:
            Settings.from_env({name: f"{start}ann:{password}@db/0"})
        assert wrong.value.problems == [
            f"{name} must have its name and password percent-encoded: @ as %40, / as %2F, # as %23"
        ]
        assert Settings.from_env({name: f"{start}ann:{encoded}@db/0"}).secrets >= {f"ann:{password}"}


def test_sqlite_file_and_socket_may_have_any_name():
    assert Settings.from_env({"DATABASE_URL": "sqlite:////srv/a@b/bot.db"}).database_url
    assert Settings.from_env({"REDIS_URL": "unix:///run/a@b.sock"}).redis_url


def test_repr_shows_no_password():
    given = {"figshare_api_url": "https://ann:db-secret@host/v2", "slack_api_url": "https://db-secret@host/"}
    shown = repr(dataclasses.replace(Settings.from_env(GOOD), **given))
    assert "secret" not in shown and "figshare_api_url='https://host/v2'" in shown


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("SLACK_API_URL", "SLACK_BOT_TOKEN"),
        ("FIGSHARE_API_URL", "FIGSHARE_TOKEN"),
        ("FIGSHARE_STATS_URL", "FIGSHARE_STATS_PASSWORD"),
    ],
)
def test_plain_http_with_a_secret_has_a_warning(name, secret):
    for address, warned in (
        (
            "http://figshare.test/v2",
            [f"{name} is plain http: everybody on the way can read {secret}, use https"],
        ),
        ("http://127.0.0.1:8000/v2", []),
        ("http://localhost/v2", []),
        ("http://[::1]:80/v2", []),
        ("https://figshare.test", []),
    ):
        assert Settings.from_env(GOOD | {name: address}).warnings == warned
    assert Settings.from_env({name: "http://figshare.test/v2"}).warnings == []


def test_plain_http_warning_is_logged_at_the_start(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "bot", "digests", "run"],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_API_URL": "http://127.0.0.1:1/",
            "FIGSHARE_API_URL": "http://figshare.test/v2",
            "FIGSHARE_TOKEN": "figshare-secret",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "WARNING bot.logs: FIGSHARE_API_URL is plain http" in done.stderr


def test_serving_needs_two_variables_in_each_mode():
    with pytest.raises(InvalidSettings) as wrong:
        Settings().check_serving()
    assert "SLACK_BOT_TOKEN" in str(wrong.value) and "SLACK_SIGNING_SECRET" in str(wrong.value)
    with pytest.raises(InvalidSettings) as wrong:
        Settings.from_env({"SLACK_APP_TOKEN": "xapp-1"}).check_serving()
    assert wrong.value.problems == ['SLACK_BOT_TOKEN is missing (README, "Into your Slack", step 2)']
    Settings.from_env({"SLACK_APP_TOKEN": "xapp-1", "SLACK_BOT_TOKEN": "xoxb-1"}).check_serving()
    Settings.from_env({"SLACK_SIGNING_SECRET": "s", "SLACK_BOT_TOKEN": "xoxb-1"}).check_serving()


@pytest.mark.parametrize(
    ("api", "stats", "oai"),
    [
        ("https://api.figshare.com/v2", "https://stats.figshare.com", "https://api.figshare.com/v2/oai"),
        ("https://api.figsh.com/v2", "https://stats.figsh.com", "https://api.figsh.com/v2/oai"),
        ("https://api.example.org/v2", "", "https://api.example.org/v2/oai"),
        ("http://127.0.0.1:8000/v2", "", "http://127.0.0.1:8000/v2/oai"),
    ],
)
def test_other_urls_follow_the_api_url(api, stats, oai):
    read = Settings.from_env({"FIGSHARE_API_URL": api})
    assert (read.stats_url, read.oai_url) == (stats, oai)


def test_configured_url_is_kept():
    read = Settings.from_env(GOOD)
    assert read.stats_url == "https://stats.example.org" and read.oai_url == "https://oai.example.org/oai"


def test_user_without_a_password_is_no_credential():
    assert Settings.from_env({"FIGSHARE_STATS_USERNAME": "lboro"}).stats_auth is None
    assert Settings.from_env(GOOD).stats_auth == ("lboro-secret", "password-secret")


def test_malformed_port_of_the_database_is_named_without_its_value():
    with pytest.raises(InvalidSettings) as wrong:
        Settings.from_env({"DATABASE_URL": "postgres://ann:secret@db:port/bot"})
    assert wrong.value.problems == ["DATABASE_URL can't be read as an address"]


@pytest.mark.parametrize("token", ["xoxe.xoxb-1-wrong-secret", "xoxe-1-wrong-secret"])
def test_rotating_token_is_explained(token):
    with pytest.raises(InvalidSettings) as error:
        Settings.from_env({"SLACK_BOT_TOKEN": token})
    assert error.value.problems == [
        "SLACK_BOT_TOKEN must begin with xoxb-: token rotation is on in the app and can't be switched off "
        "again; make a new app from the manifest"
    ]
