"""Whether the environment is read completely, and a mistake in it said in one message without a secret."""

import dataclasses

import pytest

from bot.settings import Settings, WrongSettings

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
    "FIGSHARE_IMPERSONATE": "email",
    "FIGSHARE_STATS_USERNAME": "lboro-secret",
    "FIGSHARE_STATS_PASSWORD": "password-secret",
    "FIGSHARE_REQUESTS_PER_SECOND": "0.5",
    "FIGSHARE_BURST": "3",
    "FIGSHARE_TIMEOUT": "7.5",
    "DRAFT_USERS": "U123, S456",
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
    "FIGSHARE_IMPERSONATE": "everybody",
    "FIGSHARE_REQUESTS_PER_SECOND": "0",
    "FIGSHARE_BURST": "many",
    "FIGSHARE_TIMEOUT": "-3",
    "DRAFT_USERS": "maya",
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


def test_the_defaults_are_those_of_the_documentation():
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


def test_an_empty_variable_is_the_default():
    assert Settings.from_env(dict.fromkeys(GOOD, " ")) == Settings()


def test_everything_that_is_wrong_is_named_in_one_message():
    with pytest.raises(WrongSettings) as wrong:
        Settings.from_env(WRONG)
    message = str(wrong.value)
    assert [problem.split(" ")[0] for problem in wrong.value.problems] == list(WRONG)
    assert "secret" not in message and "password" not in message


@pytest.mark.parametrize("name", WRONG)
def test_one_that_is_wrong_is_named_alone(name):
    with pytest.raises(WrongSettings) as wrong:
        Settings.from_env(GOOD | {name: WRONG[name]})
    assert len(wrong.value.problems) == 1 and wrong.value.problems[0].startswith(f"{name} ")


def test_no_secret_is_shown():
    assert "secret" not in repr(Settings.from_env(GOOD))


def test_serving_over_http_needs_two_and_a_socket_two_others():
    with pytest.raises(WrongSettings) as wrong:
        Settings().check_serving()
    assert "SLACK_BOT_TOKEN" in str(wrong.value) and "SLACK_SIGNING_SECRET" in str(wrong.value)
    with pytest.raises(WrongSettings) as wrong:
        Settings.from_env({"SLACK_APP_TOKEN": "xapp-1"}).check_serving()
    assert wrong.value.problems == ["SLACK_BOT_TOKEN is missing"]
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
def test_the_other_addresses_follow_the_environment_that_is_asked(api, stats, oai):
    read = Settings.from_env({"FIGSHARE_API_URL": api})
    assert (read.stats_url, read.oai_url) == (stats, oai)


def test_an_address_that_is_said_is_kept():
    read = Settings.from_env(GOOD)
    assert read.stats_url == "https://stats.example.org" and read.oai_url == "https://oai.example.org/oai"


def test_a_name_without_a_password_opens_nothing():
    assert Settings.from_env({"FIGSHARE_STATS_USERNAME": "lboro"}).stats_auth is None
    assert Settings.from_env(GOOD).stats_auth == ("lboro-secret", "password-secret")
