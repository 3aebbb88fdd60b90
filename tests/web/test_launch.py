from __future__ import annotations

import socket

import pytest

from toxic_tweets.errors import ToxicTweetsError
from toxic_tweets.web import launch
from toxic_tweets.web.launch import SCRIPT, find_port, is_loopback, make_options, make_url, run_page
from toxic_tweets.web.settings import PageSettings, current_settings, use_settings


def test_a_taken_port_gives_the_next_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert port < find_port("127.0.0.1", port) < port + 20


def test_no_free_port_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "_TRIES", 1)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ToxicTweetsError, match=f"{port} to {port} of 127.0.0.1 are all in use"):
            find_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_a_sentence() -> None:
    with pytest.raises(ToxicTweetsError, match=r"Nothing can listen on '192\.0\.2\.1'"):
        find_port("192.0.2.1", 8501)


@pytest.mark.parametrize(
    ("host", "expected", "url"),
    [
        ("127.0.0.1", True, "http://127.0.0.1:1"),
        ("localhost", True, "http://localhost:1"),
        ("::1", True, "http://[::1]:1"),
        ("0.0.0.0", False, "http://localhost:1"),  # noqa: S104
        ("a.example", False, "http://a.example:1"),
    ],
)
def test_addresses(host: str, expected: bool, url: str) -> None:
    assert is_loopback(host) is expected
    assert make_url(host, 1) == url


def test_streamlit_keeps_to_itself() -> None:
    from streamlit import config

    options = make_options(PageSettings(), "127.0.0.1", 8501)
    known = config.get_config_options()
    assert {name.replace("_", ".") for name in options} <= set(known)
    assert options["browser_gatherUsageStats"] is False
    assert options["client_showErrorDetails"] == "none"
    assert options["server_fileWatcherType"] == "none"
    assert options["server_enableXsrfProtection"] is True
    assert "127.0.0.1" in options["server_allowedHosts"]


def test_in_a_frame_uploads_need_no_cookie() -> None:
    options = make_options(PageSettings(in_frame=True), "0.0.0.0", 8501)  # noqa: S104
    assert options["server_enableXsrfProtection"] is False
    assert "server_allowedHosts" not in options


def test_the_page_is_started_with_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit.web import bootstrap

    ran: list[tuple[object, ...]] = []
    monkeypatch.setattr(bootstrap, "load_config_options", lambda options: None)
    monkeypatch.setattr(bootstrap, "run", lambda *arguments: ran.append(arguments))
    said: list[str] = []
    settings = PageSettings(model="vader")
    try:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            run_page(settings, port=port, say=said.append)
        assert current_settings() is settings
    finally:
        use_settings(None)
    ((script, _, _, options),) = ran
    assert script == str(SCRIPT)
    assert isinstance(options, dict)
    assert said[0] == f"Port {port} is in use; the page takes {options['server_port']}."
    assert f"http://127.0.0.1:{options['server_port']}" in said[1]
