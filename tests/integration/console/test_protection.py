"""What every answer carries, what is refused unread, and what the log says."""

import io
import json
import re
import ssl
from collections.abc import Iterator

import httpx
import pytest

from services.kit.logs import configure_logs
from tests.support.console_process import RunningConsole, run_console

COOKIE = "__Host-console-kent-police"
SECRET = "Rosalind-Thornbury-0190441"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningConsole]:
    with run_console(tmp_path_factory.mktemp("protected")) as running:

        @running.app.route("/failing/<name>", methods=["GET", "POST"])
        def fail(name: str) -> str:
            raise ValueError(f"cannot use {name}")

        @running.app.route("/large", methods=["POST"])
        def take() -> str:
            return "taken"

        yield running


@pytest.fixture
def signed_in(console: RunningConsole) -> Iterator[httpx.Client]:
    with console.browser() as opened:
        console.sign_in(opened)
        yield opened


def csrf_of(browser: httpx.Client) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/help/").text)
    assert found is not None
    return found[1]


def answers(console: RunningConsole, browser: httpx.Client) -> dict[str, httpx.Response]:
    with console.browser() as stranger:
        return {
            "page": browser.get("/"),
            "no page": browser.get("/none"),
            "fault": browser.get("/failing/x"),
            "other method": browser.delete("/"),
            "form of nobody": browser.post("/sign-out"),
            "not signed in": stranger.get("/"),
            "signed out": stranger.get("/signed-out"),
            "sign-in that nobody asked for": stranger.get("/signed-in?state=x&code=y"),
            "another host": browser.get("/", headers={"Host": "evil.example.org"}),
            "too large": browser.post("/large", data={"csrf_token": csrf_of(browser), "x": "y" * (1 << 20)}),
            "asset": stranger.get(re.findall(r'href="(/assets/[^"]+\.css)"', browser.get("/").text)[0]),
            "no asset": stranger.get("/assets/none.css"),
        }


def test_every_answer_carries_what_protects_it(console: RunningConsole, signed_in: httpx.Client) -> None:
    for name, answer in answers(console, signed_in).items():
        headers = answer.headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy.pop("form-action") == f"'self' {console.provider.issuer}", name
        assert {policy.pop(each) for each in ("style-src", "script-src", "img-src")} == {"'self'"}, name
        assert set(policy.values()) == {"'none'"}, name
        assert {"default-src", "base-uri", "frame-ancestors", "object-src"} <= policy.keys()
        assert headers["Strict-Transport-Security"].startswith("max-age=63072000"), name
        assert headers["X-Frame-Options"] == "DENY", name
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert headers["Referrer-Policy"] == "no-referrer", name
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", name
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", name
        assert "camera=()" in headers["Permissions-Policy"], name
        assert headers["Server"] == "console", name


def test_nothing_is_kept_by_anybody_but_styles_and_scripts(
    console: RunningConsole, signed_in: httpx.Client
) -> None:
    given = answers(console, signed_in)

    asset = given.pop("asset")
    assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in asset.headers
    assert {answer.headers["Cache-Control"] for answer in given.values()} == {"no-store"}


def test_each_answer_has_the_status_of_what_it_is(console: RunningConsole, signed_in: httpx.Client) -> None:
    assert {name: answer.status_code for name, answer in answers(console, signed_in).items()} == {
        "page": 200,
        "no page": 404,
        "fault": 500,
        "other method": 405,
        "form of nobody": 400,
        "not signed in": 303,
        "signed out": 200,
        "sign-in that nobody asked for": 400,
        "another host": 400,
        "too large": 413,
        "asset": 200,
        "no asset": 404,
    }


def test_pages_hold_no_script_and_no_style_of_their_own(signed_in: httpx.Client) -> None:
    for path in ("/", "/help/", "/none", "/signed-out"):
        page = signed_in.get(path, follow_redirects=True).text
        assert not re.search(r"\sstyle=|\son[a-z]+=|javascript:|<style", page), path
        assert all(not text.strip() for text in re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL))


@pytest.mark.parametrize("token", ["", "x", "IjAi.x.y"])
def test_a_form_without_its_token_changes_nothing(signed_in: httpx.Client, token: str) -> None:
    answer = signed_in.post("/sign-out", data={"csrf_token": token})

    assert answer.status_code == 400
    assert "Your form was not sent" in answer.text
    assert signed_in.get("/").status_code == 200, "still signed in"


def test_the_token_of_another_session_is_worth_nothing(
    console: RunningConsole, signed_in: httpx.Client
) -> None:
    with console.browser() as other:
        console.sign_in(other)
        assert signed_in.post("/sign-out", data={"csrf_token": csrf_of(other)}).status_code == 400


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_sites_page_sends_is_refused_even_with_the_token(
    signed_in: httpx.Client, site: str
) -> None:
    form = {"csrf_token": csrf_of(signed_in)}

    assert signed_in.post("/sign-out", data=form, headers={"Sec-Fetch-Site": site}).status_code == 400
    assert signed_in.get("/").status_code == 200


def test_signing_out_is_no_link(signed_in: httpx.Client) -> None:
    assert signed_in.get("/sign-out").status_code == 405


@pytest.mark.parametrize("host", ["evil.example.org", "localhost", "localhost:1", "127.0.0.1"])
def test_a_request_for_another_host_is_refused_before_it_is_read(console: RunningConsole, host: str) -> None:
    with console.browser() as browser:
        answer = browser.get("/", headers={"Host": host})

    assert answer.status_code == 400
    assert host not in answer.text
    assert "Location" not in answer.headers


def test_older_tls_is_refused(console: RunningConsole) -> None:
    trust = ssl.create_default_context(cafile=console.files.authority)
    with pytest.warns(DeprecationWarning, match="deprecated"):
        trust.minimum_version, trust.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    trust.set_ciphers("ALL:@SECLEVEL=0")
    with (
        httpx.Client(base_url=console.address, verify=trust, trust_env=False) as old,
        pytest.raises(httpx.ConnectError),
    ):
        old.get("/")


def test_a_connection_serves_more_than_one_page(console: RunningConsole) -> None:
    with console.browser() as browser:
        first, second = browser.get("/signed-out"), browser.get("/signed-out")

    assert first.http_version == "HTTP/1.1"
    assert first.extensions["network_stream"] is second.extensions["network_stream"]


def test_the_log_tells_codes_and_nothing_that_anybody_typed(signed_in: httpx.Client) -> None:
    out = io.StringIO()
    configure_logs(stream=out, role="console", organisation="kent-police")

    failed = signed_in.get(f"/failing/{SECRET}?q={SECRET}")
    signed_in.post(f"/failing/{SECRET}", data={"csrf_token": csrf_of(signed_in), "reason": SECRET})
    signed_in.get(f"/none/{SECRET}", headers={"User-Agent": SECRET, "X-Forwarded-For": SECRET})
    signed_in.post("/sign-out", data={"csrf_token": SECRET})

    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert SECRET not in out.getvalue()
    assert "Quill" not in out.getvalue()
    assert not any("dropped_keys" in line for line in lines)
    pages = [line for line in lines if line["event"] == "page_answered"]
    assert {"method", "kind", "code", "milliseconds"} <= pages[0].keys()
    fault = next(line for line in lines if line["event"] == "page_failed")
    assert (fault["error"], fault["location"].split(":")[0]) == ("ValueError", "console/test_protection.py")
    assert fault["correlation_id"] in failed.text
    assert SECRET not in failed.text
