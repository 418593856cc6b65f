"""The configuration of a real tenant, and the errors of an invalid one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from sfmc_client import ConfigurationError, Recipe
from sfmc_client.testing import default_configuration
from sfmc_client.testing.configuration import RealSettings, read_configuration, read_target

COMPLETE: dict[str, Any] = {
    "tenant": {
        "mid": 42,
        "subdomain": "mc0123456789",
        "client_id": "id",
        "client_secret": "s3cret-of-ours",
    },
    "rails": {"recipients": ["*@qa.example.com"]},
}


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., RealSettings]:
    """Read a configuration with all required keys and the given changes; `None` removes a key."""

    def read(environ: dict[str, str] | None = None, **changes: Any) -> RealSettings:
        table = {**COMPLETE}
        for section, values in changes.items():
            merged = {**COMPLETE.get(section, {}), **values} if isinstance(values, dict) else values
            table[section] = (
                {name: value for name, value in merged.items() if value is not None}
                if isinstance(merged, dict)
                else merged
            )
        path = tmp_path / "tenant.toml"
        path.write_text(tomli_w.dumps(table))
        return read_configuration(path, environ=environ or {})

    return read


def test_a_short_configuration_has_sensible_defaults(read: Callable[..., RealSettings]) -> None:
    settings = read()

    assert settings.mid == 42
    assert settings.rails.max_sends == 10
    assert settings.recipe == Recipe(email_id=None, classification="Default Transactional")
    assert (settings.attribute, settings.send_log) == ("UniqueID", "SendLog")
    assert settings.polling.timeout == 900


def test_every_setting_can_be_configured(read: Callable[..., RealSettings]) -> None:
    settings = read(
        rails={"recipients": ["ada@qa.example.com"], "max_sends": 3, "start": ["welcome"]},
        mailboxes={"opens": "ada@qa.example.com"},
        flow={
            "email_id": 7,
            "send_log": "Log",
            "definitions": {"welcome": {"email_id": 8, "classification": "2239"}},
        },
        wait={"timeout": 60, "first_delay": 1, "longest_delay": 5.5},
    )

    assert settings.mailboxes == {"opens": "ada@qa.example.com"}
    assert settings.rails.start == ("welcome",)
    assert settings.recipe.email_id == 7
    assert settings.recipes == {"welcome": Recipe(email_id=8, classification="2239")}
    assert (settings.polling.first_delay, settings.polling.longest_delay) == (1.0, 5.5)


def test_a_token_is_for_the_account_of_the_mid(read: Callable[..., RealSettings]) -> None:
    auth = read().connection.auth()

    assert "account_id='42'" in repr(auth)


def test_the_environment_gives_the_secrets_that_the_file_leaves_out(
    read: Callable[..., RealSettings],
) -> None:
    environ = {"SFMC_CLIENT_ID": "theirs", "SFMC_CLIENT_SECRET": "also theirs"}

    settings = read(environ, tenant={"client_id": None, "client_secret": None})

    assert repr(settings.connection.auth()).startswith("OAuth('theirs', '***'")


def test_the_file_wins_over_the_environment(
    read: Callable[..., RealSettings],
) -> None:
    """`sfmc-mock exec` sets these variables: a run against a tenant must not call the emulator."""
    environ = {
        "SFMC_ENDPOINT": "http://127.0.0.1:1",
        "SFMC_CLIENT_ID": "mock-client-id",
        "SFMC_CLIENT_SECRET": "mock-client-secret",
        "SFMC_MID": "1234567",
    }

    settings = read(
        environ,
        tenant={"client_id": None, "client_secret": None, "username": "u", "password": "p"},
    )

    assert settings.connection.endpoint is None
    assert settings.connection.subdomain == "mc0123456789"
    assert repr(settings.connection.auth()) == "UsernameToken('u', '***')"


def test_a_bundle_of_authorities_is_found_beside_the_file(
    read: Callable[..., RealSettings], tmp_path: Path
) -> None:
    settings = read(tenant={"ca_bundle": "ca.pem"})

    assert settings.connection.ca_bundle == str(tmp_path / "ca.pem")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tenant": {"mid": None}}, r"mid is missing in \[tenant\]"),
        ({"tenant": {"mid": "42"}}, r"mid in \[tenant\] must be a whole number"),
        ({"tenant": {"subdomain": None}}, "must have subdomain"),
        ({"tenant": {"endpoint": "https://x.test"}}, "and not both"),
        ({"tenant": {"client_secret": None}}, "missing or invalid.*SFMC_CLIENT_ID"),
        ({"tenant": {"auth_url": "nowhere"}}, "token_url is not an http or https URL"),
        ({"tenant": {"client_secret": 5}}, r"client_secret in \[tenant\] must be a text"),
        ({"tenant": {"timeout": -1}}, "must be a number of seconds above 0"),
        ({"tenant": {"secret": "x"}}, r"no secret in \[tenant\]\. .*client_secret"),
        ({"tennant": {"mid": 42}}, r"no section \[tennant\]. Did you mean tenant\?"),
        ({"rails": "none"}, r"no section \[rails\]"),
        ({"rails": {"recipients": None}}, r"recipients is missing in \[rails\]"),
        ({"rails": {"recipients": "ada@qa.example.com"}}, "must be a list of texts"),
        ({"rails": {"recipients": ["*"]}}, "neither an address nor a pattern of one domain"),
        ({"rails": {"recipients": ["*@*"]}}, "neither an address nor a pattern of one domain"),
        ({"rails": {"recipients": ["*@*.com"]}}, "neither an address nor a pattern of one domain"),
        ({"rails": {"recipients": ["[ab]@qa.example.com"]}}, "neither an address nor a pattern"),
        ({"rails": {"max_sends": -1}}, "must be a whole number"),
        ({"rails": {"max_sends": True}}, "must be a whole number"),
        ({"mailboxes": {"opens": "ada@example.com"}}, "not among the recipients of"),
        ({"mailboxes": {"open": "ada@qa.example.com"}}, r"no open in \[mailboxes\]. Did you mean"),
        ({"flow": {"email_id": "7"}}, r"in \[flow\], email_id must be the number of an email"),
        ({"flow": {"definitions": {"welcome": 7}}}, None),
        ({"wait": {"timeout": "long"}}, "must be a number of seconds above 0"),
    ],
)
def test_invalid_settings_are_reported_with_file_and_place(
    read: Callable[..., RealSettings], changes: dict[str, Any], said: str | None, tmp_path: Path
) -> None:
    if said is None:
        assert read(**changes).recipes == {"welcome": Recipe(email_id=7)}
        return

    with pytest.raises(ConfigurationError, match=said) as failure:
        read(**changes)

    assert str(tmp_path / "tenant.toml") in str(failure.value)
    assert "s3cret" not in str(failure.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"mid = ", "is not valid TOML"),
        (b"\xff\xfe", "is not valid TOML"),
        (None, "does not exist. Write one"),
    ],
)
def test_a_file_that_cannot_be_read_is_reported(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "tenant.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigurationError, match=said):
        read_configuration(path, environ={})


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        read_configuration(tmp_path, environ={})


@pytest.mark.parametrize("place", ["tenant.toml", "tests/tenant.toml", "link.toml"])
def test_a_configuration_inside_the_repository_is_refused(tmp_path: Path, place: str) -> None:
    """It could be committed by mistake; a link into the repository counts as inside."""
    repository = tmp_path / "repository"
    (repository / "tests").mkdir(parents=True)
    (repository / ".git").mkdir()
    (repository / "real.toml").write_text(tomli_w.dumps(COMPLETE))
    path = repository / place
    if place == "link.toml":
        path = tmp_path / place
        path.symlink_to(repository / "real.toml")

    with pytest.raises(ConfigurationError, match=r"inside the repository .* Move it out"):
        read_configuration(path, environ={}, rootpath=repository / "tests")


@pytest.mark.parametrize("place", ["tenant.toml", "repository/../tenant.toml"])
def test_a_configuration_beside_the_repository_is_fine(tmp_path: Path, place: str) -> None:
    (tmp_path / "repository").mkdir()
    (tmp_path / "tenant.toml").write_text(tomli_w.dumps(COMPLETE))
    repository = tmp_path / "repository"

    assert read_configuration(tmp_path / place, environ={}, rootpath=repository).mid == 42


@pytest.mark.parametrize(("text", "target"), [("", None), ('target = "real"', "real")])
def test_a_configuration_may_name_the_target(tmp_path: Path, text: str, target: str | None) -> None:
    path = tmp_path / "tenant.toml"
    path.write_text(text)

    assert read_target(path) == target


def test_an_unknown_target_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tenant.toml"
    path.write_text('target = "prod"')

    with pytest.raises(ConfigurationError, match="target must be mock or real, not 'prod'"):
        read_target(path)


def test_without_a_name_it_is_looked_for_in_the_user_s_own_folder() -> None:
    path = default_configuration({"XDG_CONFIG_HOME": "/settings"})

    assert path.as_posix() == "/settings/sfmc-client/testing.toml"


def test_no_secret_is_shown(read: Callable[..., RealSettings]) -> None:
    assert "s3cret" not in repr(read())
