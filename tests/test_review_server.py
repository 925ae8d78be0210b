"""The review's server: it answers its own page only, changes nothing on a GET, and never loses what it acknowledged."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cli_runner import run
from reviewing import Client, Reviewed, Server, built_once, copy_of, serving

from skillgen.decisions import load_decisions
from skillgen.report.policy import content_policy
from skillgen.review.security import Guard

PATHS = ("/", "/claim/{claim}", "/page?claim={claim}&source={source}", "/preview", "/gaps", "/changes?version=x")
CHANGES = ("/decide", "/undo", "/verify", "/answer", "/unanswer")


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    return copy_of(built_once(tmp_path_factory), tmp_path_factory.mktemp("server"))


@pytest.fixture(scope="module")
def server(reviewed: Reviewed) -> Iterator[Server]:
    with serving(reviewed) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Client:
    return server.client()


@pytest.fixture
def claim(reviewed: Reviewed) -> str:
    return reviewed.claim_ids()[0]


def addresses(claim: str) -> list[str]:
    return [path.format(claim=claim, source="deploy.md") for path in PATHS]


# -- who may ask -------------------------------------------------------------------------------------------------------


def test_the_token_becomes_a_cookie_that_scripts_and_other_sites_never_see(server: Server) -> None:
    answer = Client(server.link).ask("GET", "/?" + urlsplit(server.link).query + "&claim=clm-1")
    assert answer.status == 303
    assert answer.headers["location"] == "/?claim=clm-1"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=Strict" in answer.headers["set-cookie"]


@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong", "?token=é"])
def test_without_the_token_there_is_no_page(server: Server, query: str) -> None:
    stranger = Client(server.link)
    answer = stranger.ask("GET", "/" + query.encode().decode("latin-1") if query.isascii() else "/?token=%C3%A9")
    assert answer.status == 403
    assert "set-cookie" not in answer.headers


def test_without_the_cookie_nothing_is_answered(server: Server, claim: str) -> None:
    name = server.client().cookie.split("=")[0]
    for cookie in ("", f"{name}=wrong", "other=1", f"{name}=", ";;=,"):
        stranger = Client(server.link, cookie)
        assert {stranger.ask("GET", path).status for path in addresses(claim)} == {403}
        assert {stranger.ask("POST", path, {"claim": claim}).status for path in CHANGES} == {403}


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}"]
)
def test_a_host_that_is_not_this_server_is_refused(server: Server, client: Client, host: str) -> None:
    named = host.format(port=urlsplit(server.link).port)
    assert client.ask("GET", "/", Host=named).status == 421
    assert client.ask("POST", "/decide", {"claim": "x"}, Host=named, Origin=f"http://{named}").status == 421
    token = "/?" + urlsplit(server.link).query
    assert Client(server.link).ask("GET", token, Host=named).status == 421


def test_localhost_is_this_server_too(server: Server, client: Client) -> None:
    assert client.ask("GET", "/", Host=f"localhost:{urlsplit(server.link).port}").status == 200


@pytest.mark.parametrize(
    ("origin", "site"),
    [
        ("http://evil.example", ""),
        ("", ""),
        ("null", ""),
        ("null", "cross-site"),
        ("https://127.0.0.1:{port}", ""),
        ("http://127.0.0.1:1", ""),
    ],
)
def test_a_change_from_another_page_is_refused(
    server: Server, client: Client, reviewed: Reviewed, claim: str, origin: str, site: str
) -> None:
    sent = {"Origin": origin.format(port=urlsplit(server.link).port), "Sec_Fetch_Site": site}
    before = reviewed.decisions()
    for path in CHANGES:
        assert client.ask("POST", path, {"claim": claim, "kind": "accepted", "stamp": ""}, **sent).status == 403
    assert reviewed.decisions() == before


def test_a_plain_form_of_our_page_is_taken_though_its_origin_is_null(client: Client, claim: str) -> None:
    own = {"Origin": "null", "Sec_Fetch_Site": "same-origin"}
    answer = client.ask("POST", "/verify", {"claim": claim, "edited": "A zebra."}, **own)
    assert answer.status == 200


@pytest.mark.parametrize("path", CHANGES)
def test_nothing_changes_on_a_get(client: Client, reviewed: Reviewed, claim: str, path: str) -> None:
    before = reviewed.decisions()
    assert client.ask("GET", f"{path}?claim={claim}&kind=accepted&stamp=").status in (404, 405)
    for method in ("PUT", "DELETE", "OPTIONS", "PATCH"):
        assert client.ask(method, path).status == 405
    assert reviewed.decisions() == before


def test_more_than_a_form_holds_is_refused(client: Client, claim: str) -> None:
    assert client.ask("POST", "/verify", {"claim": claim, "edited": "x" * 70_000}).status == 413
    assert client.ask("POST", "/verify", {"claim": claim}, Transfer_Encoding="chunked", Content_Length="").status in (
        400,
        413,
    )


@pytest.mark.parametrize(
    "source",
    [
        "../secret.md",
        "/etc/passwd",
        "..%2fsecret.md",
        "deploy.md/../../secret.md",
        "skillgen.toml",
        "..\\secret.md",
        "deploy.md%00",
        "",
    ],
)
def test_only_pages_that_the_draft_cites_are_shown(client: Client, reviewed: Reviewed, claim: str, source: str) -> None:
    (reviewed.root / "secret.md").write_text("# hidden-thing\n", encoding="utf-8")
    answer = client.ask("GET", f"/page?claim={claim}&source={source}")
    assert answer.status == 422
    assert "hidden-thing" not in answer.text
    for path in ("/../secret.md", "/%2e%2e/secret.md", "/templates/review.js", "/claim/../../secret.md"):
        assert client.ask("GET", path).status in (404, 422)


@pytest.mark.parametrize("name", [*PATHS, "/nothing", "/claim/clm-ffffffff"])
def test_every_answer_forbids_what_a_page_must_not_do(client: Client, claim: str, name: str) -> None:
    answer = client.ask("GET", name.format(claim=claim, source="deploy.md"))
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["form-action"] == policy["connect-src"] == "'self'"
    assert policy["script-src"].startswith("'sha256-")
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "server" not in answer.headers


def test_a_server_for_the_network_answers_for_addresses_but_for_no_foreign_name() -> None:
    async def nothing(*_: object) -> None:
        return

    def answers(host: str, listening: str) -> bool:
        guard = Guard(nothing, policy=content_policy(scripts=["a"], styles=["b"]), host=listening, port=80)
        return guard._is_ours(host)

    assert answers("192.168.1.9:80", "0.0.0.0")  # noqa: S104 - not listened on
    assert answers("[fe80::1]:80", "::")
    assert not answers("evil.example:80", "0.0.0.0")  # noqa: S104
    assert not answers("192.168.1.9:80", "127.0.0.1")
    assert answers("nas.local:80", "nas.local")


# -- what is decided ---------------------------------------------------------------------------------------------------


def test_a_form_without_script_decides_and_leads_to_the_next_claim(client: Client, reviewed: Reviewed) -> None:
    first, second = reviewed.claim_ids()[:2]
    fields = {"claim": first, "kind": "rejected", "stamp": "", "quick": "Wrong", "reason": "", "next": second}
    answer = client.ask("POST", "/decide", fields)
    assert answer.status == 303
    assert f"claim={second}" in answer.headers["location"]
    assert "said=Saved" in answer.headers["location"]
    assert reviewed.decisions()[first].reason == "Wrong"
    undo = answer.headers["location"].split("undo=")[1].split("&")[0]
    assert client.ask("POST", "/undo", {"undo": undo}).status == 303
    assert first not in reviewed.decisions()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"kind": "rejected"}, "needs a reason"),
        ({"kind": "edited", "edited": " "}, "needs a new text"),
        ({"kind": "edited", "edited": "word " * 61}, "61 words"),
        ({"kind": "asked"}, "needs a question"),
        ({"kind": "deleted"}, "There is no decision"),
        ({"kind": "accepted", "claim": "clm-ffffffff"}, "no claim"),
    ],
)
def test_a_decision_that_lacks_something_is_told_what(
    client: Client, reviewed: Reviewed, claim: str, fields: dict[str, str], told: str
) -> None:
    before = reviewed.decisions()
    answer = client.ask("POST", "/decide", {"claim": claim, "stamp": "", **fields}, X_Review="1")
    assert answer.status == 422
    assert told in answer.json["error"]
    assert reviewed.decisions() == before


def test_of_two_windows_the_second_is_told_of_the_first(server: Server, reviewed: Reviewed) -> None:
    claim = reviewed.claim_ids()[2]
    one, two = server.client(), server.client()
    assert one.decide(claim, "accepted").status == 200
    late = two.decide(claim, "rejected", reason="Wrong")
    assert late.status == 409
    assert "Ann Lee has accepted" in late.json["error"]
    assert reviewed.decisions()[claim].decision == "accepted"
    changes = two.ask("GET", "/changes?version=old&draft=old").json
    assert changes == {"rebuilt": True}


def test_an_answer_to_a_gap_is_kept_with_name_and_day(client: Client, reviewed: Reviewed) -> None:
    gaps = client.ask("GET", "/gaps").text
    facet = gaps.split('name="facet" value="')[1].split('"')[0]
    assert (
        client.ask("POST", "/answer", {"facet": facet, "text": "The harbour crane is red.", "by": "Jo Lind"}).status
        == 303
    )
    assert client.ask("POST", "/answer", {"facet": "fct-00000000", "text": "x", "by": "y"}).status == 422
    (answer,) = load_decisions(reviewed.file).answers
    assert (answer.text, answer.by, answer.facet) == ("The harbour crane is red.", "Jo Lind", facet)
    assert "Answered by Jo Lind" in client.ask("GET", "/gaps").text
    assert client.ask("POST", "/unanswer", {"answer": answer.id}).status == 303
    assert load_decisions(reviewed.file).answers == ()


def test_cookies_of_other_programs_on_the_machine_are_passed_over(server: Server) -> None:
    known = server.client()
    others = f'odd={{"a": "b; c"}}; =; ;novalue; {known.cookie}; x="y'
    assert Client(server.link, others).ask("GET", "/gaps").status == 200


# -- the command -------------------------------------------------------------------------------------------------------


def test_ctrl_c_ends_the_server_with_130(reviewed: Reviewed) -> None:
    with serving(reviewed) as running:
        assert running.client().ask("GET", "/").status == 200
    assert running.process.returncode == 130


def test_a_port_that_is_taken_and_a_skill_without_draft_are_the_users_to_mend(
    reviewed: Reviewed, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(reviewed.root)
    port = str(urlsplit(server.link).port)
    taken = run("review", reviewed.package, "--port", port, "--no-open", "--by", "Ann")
    assert taken.code == 2
    assert f"port {port}, cannot be listened on" in taken.err
    missing = run("review", "out/nothing", "--no-open", "--by", "Ann")
    assert missing.code == 2
    assert "no draft of nothing" in missing.err


def test_the_static_file_is_written_whole(reviewed: Reviewed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(reviewed.root)
    done = run("review", reviewed.package, "--static", tmp_path / "review.html", "--by", "Ann")
    assert done.code == 0, done.err
    text = (tmp_path / "review.html").read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert text.rstrip().endswith("</html>")


# -- a killed server ---------------------------------------------------------------------------------------------------


def decide_until_killed(reviewed: Reviewed, rng: random.Random) -> int:
    """Decide as fast as the server answers until it is killed; check what was acknowledged, and return how much."""
    acknowledged: dict[str, str] = {}

    def decide(client: Client) -> None:
        stamps = dict.fromkeys(reviewed.claim_ids(), "")
        for turn in range(10_000):
            for claim in stamps:
                kind = "accepted" if turn % 2 else "rejected"
                try:
                    answer = client.decide(claim, kind, stamps[claim], reason=f"turn {turn}")
                except (OSError, ValueError):
                    return
                except Exception as error:  # noqa: BLE001 - an answer that was cut off is none
                    assert "IncompleteRead" in repr(error) or "RemoteDisconnected" in repr(error)  # noqa: PT017
                    return
                if answer.status != 200:
                    raise AssertionError(answer.text)
                stamps[claim] = answer.json["row"][3]
                acknowledged[claim] = f"turn {turn}"

    reviewed.file.unlink(missing_ok=True)
    with serving(reviewed) as running:
        worker = threading.Thread(target=decide, args=[running.client()])
        worker.start()
        time.sleep(rng.uniform(0.05, 0.6))
        running.kill()
        worker.join(timeout=30)
    held = reviewed.decisions()  # raises where the file is torn
    for claim, reason in acknowledged.items():
        turn = int(reason.split()[1])
        assert held[claim].reason in (reason, f"turn {turn + 1}"), claim  # the next may be saved and unsaid
    return len(acknowledged)


def test_a_killed_server_loses_nothing_that_it_acknowledged(tmp_path: Path, reviewed: Reviewed) -> None:
    own = copy_of(reviewed.root, tmp_path)
    assert sum(decide_until_killed(own, random.Random(seed)) for seed in range(2)) > 0


@pytest.mark.long
def test_a_hundred_killed_servers_lose_nothing_that_they_acknowledged(tmp_path: Path, reviewed: Reviewed) -> None:
    own = copy_of(reviewed.root, tmp_path)
    rng = random.Random(7)
    assert sum(decide_until_killed(own, rng) for _ in range(100)) > 300
