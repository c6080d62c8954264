"""The HTML report: what is in it, read without a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.drivers.verdicts import LOST, RACE, SEQUENCE, data, failed, failure, login, verdict
from tokenstore_conformance.contract import Level, contract_of
from tokenstore_conformance.failures import Call
from tokenstore_conformance.judging.result import Result, Status
from tokenstore_conformance.report import html
from tokenstore_conformance.report.html.difference import marked

VOID = {"meta", "input", "wbr", "br", "link"}
HOSTILE = (
    "</script></style></pre><img src=x onerror=alert(1)>\x00\u202e\ud800 'a' \"b\" & &amp; ا ب"
)


class Page(HTMLParser):
    """A page, parsed strictly: every tag that is opened is closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        self.ids += [str(found["id"])] if "id" in found else []
        if tag == "a":
            self.links.append(str(found["href"]))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1] if self._open else "", data))

    @property
    def text(self) -> str:
        """The text that a reader of the page sees."""
        return " ".join(
            " ".join(text for tag, text in self.texts if tag not in ("script", "style")).split()
        )


def page(*results: Result, **more: Any) -> Page:
    return Page(html.text(failed(*results, **more)))


HOSTILE_REPORT = failed(
    failure(
        "SAVE-2",
        HOSTILE,
        f"{HOSTILE} 2",
        calls=(Call("save_token", (HOSTILE,), HOSTILE),),
        trace=HOSTILE,
        output=HOSTILE,
        stacks=HOSTILE,
        script=HOSTILE,
    ),
    target=HOSTILE,
)
REPORTS = {
    "race": failed(RACE),
    "sequence": failed(SEQUENCE),
    "conformant": data(verdict(), verdict(target="b")),
    "incomplete": data(verdict(failure("SAVE-2"), whole=False)),
    "hostile": HOSTILE_REPORT,
}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_a_page_is_well_formed(report: dict[str, Any]) -> None:
    """Tags close in order, ids are unique, each link has its target, nothing comes from outside."""
    made = Page(html.text(report))

    assert len(set(made.ids)) == len(made.ids)
    assert {link.removeprefix("#") for link in made.links} <= set(made.ids)
    assert not [tag for tag, found in made.tags if {"src", "style", "onclick"} & found.keys()]
    assert dict(made.tags)["html"]["lang"] == "en"


def test_any_text_is_shown_and_does_nothing() -> None:
    """A store's answer is shown as text: it makes no tag, ends no script, and reverses no line."""
    text = html.text(HOSTILE_REPORT)

    made = Page(text)
    tags = [tag for tag, _ in made.tags]
    assert "img" not in tags
    assert (tags.count("script"), tags.count("style")) == (1, 1)
    assert not {"\x00", "\u202e", "\ud800"} & set(text)
    assert "</script></style></pre><img src=x onerror=alert(1)>\\x00\\u202e\\ud800" in made.text
    assert "&amp;amp; ا ب" in text


def test_the_policy_allows_what_is_in_the_page_alone() -> None:
    """The content security policy has the hashes of the page's own style and script."""
    text = html.text(REPORTS["race"])

    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert "default-src 'none'" in policy.replace("&#39;", "'")
    for tag in ("style", "script"):
        (inner,) = re.findall(rf"(?s)<{tag}>(.*?)</{tag}>", text)
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy.replace("&#39;", "'")


def test_the_answer_comes_first() -> None:
    """The heading says how many stores conform; each store has its answer before the clauses."""
    made = Page(html.text(data(verdict(), verdict(failure("SAVE-2"), target="other:Store"))))

    order = ["1 of 2 stores conform", "The store keeps every clause.", "Clauses by stores"]
    assert sorted(order, key=made.text.index) == order
    assert "The store breaks 1 MUST clause of the contract." in made.text


def test_every_clause_has_an_id() -> None:
    """CI can link to any clause, and to the failure of a clause on a store."""
    made = page(failure("SAVE-2"))

    assert {each.id for each in contract_of("zohocrmsdk").clauses} <= set(made.ids)
    assert "store-1-SAVE-2" in made.ids


def test_failures_are_open_and_the_rest_is_folded() -> None:
    """What failed is unfolded; what passed is folded."""
    made = page(failure("SAVE-2"))

    details = [found for tag, found in made.tags if tag == "details"]
    opened = [found.get("id") for found in details if "open" in found]
    assert opened == ["store-1-SAVE-2"]
    assert len(details) > 3


def test_a_failure() -> None:
    """A failure shows sentence, reason, expected and got, the calls, the place and a script."""
    clause = next(each for each in contract_of("zohocrmsdk").clauses if each.id == "SAVE-2")

    made = page(failure("SAVE-2", "1 record of anna", "2 records of anna"))

    shown = (
        clause.sentence,
        clause.why,
        clause.fix,
        "1",
        "2",
        "mypkg/store.py:12",
        "print('SAVE-2')",
    )
    assert all(each in made.text for each in shown)
    assert "store.save_token(token(user='anna', access_token='anna.access.1'))" in made.text
    assert [text for tag, text in made.texts if tag == "mark"] == ["1", "record", "2", "records"]


@pytest.mark.parametrize(
    ("expected", "got", "left", "right"),
    [
        ("id='1', user='a'", "id='2', user='a'", ["'1'"], ["'2'"]),
        ("None", "raised KeyError", [], []),
        ("some order of the calls explains it", "no order of these fits any call", [], []),
        ("", "", [], []),
        ("a" * 9_000, "a" * 8_999, [], []),
    ],
)
def test_the_difference_is_marked(
    expected: str, got: str, left: list[str], right: list[str]
) -> None:
    """The difference between versions of one thing is marked; in unlike things, nothing is."""
    parts = marked(expected, got)

    assert [[each.text for each in side if each.differs] for side in parts] == [left, right]
    assert ["".join(each.text for each in side) for side in parts] == [expected, got]


def test_a_sequence() -> None:
    """The table shows what store and model held after each call; the differing field is marked."""
    made = page(SEQUENCE)

    assert "The store and the model, call by call" in made.text
    marks = [text for tag, text in made.texts if tag == "mark"]
    assert {"access_token='anna.access.1'", "access_token='anna.access.2'"} <= set(marks)
    assert "id='1'" not in marks


def test_a_race_is_drawn() -> None:
    """The picture has a lane for each thread, a bar for each call, and where a thread stopped."""
    made = page(RACE)

    drawn = [text for tag, text in made.texts if tag == "text"]
    assert {"thread 1", "thread 2", "afterwards"} <= set(drawn)
    assert {"T1 save(carl.access.1)", "-> '2'", "T3 get_tokens()"} <= set(drawn)
    assert {"A: stopped before store.py:12 in save_token", "self.rows = rows"} <= set(drawn)
    (picture,) = [found for tag, found in made.tags if tag == "svg" and "role" in found]
    named = str(picture["aria-labelledby"]).split()
    assert picture["role"] == "img"
    assert set(named) <= set(made.ids)
    assert {f"store-1-THR-2-T{number}" for number in (1, 2, 3)} <= set(made.ids)


def test_bars_do_not_overlap() -> None:
    """Each call in a lane has its own bar, wide enough for its text."""
    picture = html.Picture(RACE.history)

    assert [len(lane.bars) for lane in picture.lanes] == [1, 1, 1]
    for lane in picture.lanes:
        edges = [edge for bar in lane.bars for edge in (bar.x, bar.x + bar.width)]
        assert edges == sorted(edges)
        for bar in lane.bars:
            assert bar.width > 6 * max(len(bar.call), len(bar.answer))
            assert bar.x + bar.width <= picture.width


def test_an_incomplete_run_says_so() -> None:
    """The page of an incomplete run calls nothing conformant."""
    made = Page(html.text(data(verdict(whole=False))))

    assert "This run is incomplete." in made.text
    assert "mypkg:MyStore has no verdict yet" in made.text


def test_what_scripts_share_is_there_once() -> None:
    """A part that scripts share is in the page once."""
    text = html.text(failed(failure("SAVE-2"), failure("SAVE-4")))

    assert text.count("import os\n" * 20) == 1
    assert "print('SAVE-2')" in text
    assert "print('SAVE-4')" in text


def test_what_several_scripts_need_is_there_once() -> None:
    """It comes before the part that all scripts share, also in the scripts of other stores."""
    needs = "\n".join(f"needed_{number} = {number}" for number in range(30))
    scripts = {
        "SDK-8": f"# SDK-8\n\n{needs}\n" + "import os\n" * 20 + "print(8)\n",
        "SAVE-2": "# SAVE-2\n" + "import os\n" * 20 + "print(2)\n",
    }
    results = [failure(id, script=script) for id, script in scripts.items()]

    text = html.text(data(verdict(*results), verdict(*results, target="mypkg:Other")))

    assert text.count("needed_29 = 29") == 1
    assert text.count("import os\n" * 20) == 1
    assert text.count('data-parts="part-1"') == 2
    assert text.count('data-parts="part-2 part-1"') == 2


def test_other_statuses() -> None:
    """A clause that is explained, unknown or not applicable is shown with its reason."""
    others = [
        Result("x", "SAVE-3", Level.MUST, Status.EXPLAINED, "because", causes=("SAVE-2",)),
        Result("x", "SAVE-4", Level.MUST, Status.NOT_JUDGED, "no save works", causes=("SAVE-2",)),
        Result("x", "DUR-1", Level.SHOULD, Status.NOT_APPLICABLE, "it keeps nothing on disk"),
    ]

    made = page(failure("SAVE-2"), *others)

    for words in (
        "Fails only because of SAVE-2.",
        "Unknown until this is fixed: SAVE-2.",
        "it keeps nothing on disk",
    ):
        assert words in made.text


def test_processes_are_drawn_as_processes() -> None:
    """A race of processes has a lane for each process."""
    history = replace(LOST, callers="process")

    made = page(failure("DUR-2", history=history))

    drawn = [text for tag, text in made.texts if tag == "text"]
    assert {"process 1", "process 2", "afterwards"} <= set(drawn)
    shown = made.text.split("What happened at the same time")[1].split("in the contract")[0]
    assert "thread" not in shown


@pytest.mark.slow
def test_same_bytes_in_every_process(tmp_path: Path) -> None:
    """The page does not depend on the order of sets, which differs from process to process."""
    file = tmp_path / "verdict.json"
    file.write_text(json.dumps(failed(RACE, SEQUENCE)))
    code = (
        "import json, sys; from tokenstore_conformance.report import html; "
        "sys.stdout.buffer.write(html.text(json.load(open(sys.argv[1]))).encode())"
    )

    pages = {
        subprocess.run(
            [sys.executable, "-c", code, str(file)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for seed in "123"
    }

    assert len(pages) == 1


def test_six_stores_are_less_than_300_kb() -> None:
    """Two of six stores break many clauses, each with a session and a long script."""
    shared = "".join(f"def helper_{number}():\n    return {number}\n" for number in range(60))
    calls = tuple(
        Call("save_token", (login(f"somebody{number}@users.example"),), "None")
        for number in range(8)
    )
    clauses = contract_of("zohocrmsdk").clauses[:20]
    broken = [
        failure(
            each.id,
            calls=calls,
            script=f"# {each.id}\n{shared}" + "".join(f"say({call})\n" for call in calls),
        )
        for each in clauses
    ]

    text = html.text(
        data(
            *(verdict(*broken, target=f"bad{number}:Store") for number in range(2)),
            *(verdict(target=f"good{number}:Store") for number in range(4)),
        )
    )

    assert 100_000 < len(text.encode()) < 300_000
