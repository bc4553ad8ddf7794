"""The benchmarks run, and no work takes more statements than it may. Times are looked at by ``make bench`` alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import alike, network, report
from benchmarks.measure import Work, judged, measure
from benchmarks.sizes import SIZES, Size
from benchmarks.works import Bench, sign_in_each
from customers.models import User
from ordercycles.models import Exchange, ExchangeFee, ExchangeVariant
from tests.worlds import kept

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def _network() -> None:
    network.build(SIZES["S"])
    network.analyse()


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with kept(django_db_blocker, _network):
        yield


@pytest.fixture
def bench(made: None, db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Bench:
    settings.ROOT_URLCONF = "benchmarks.urls"
    # No time is looked at here, and in the middle of all tests it would take more of it than the works do.
    monkeypatch.setattr("benchmarks.measure.clear", lambda: None)
    return Bench(SIZES["S"])


def test_every_work_runs_within_its_statements(bench: Bench) -> None:
    records = [measure(work, "S", runs=1) for work in bench.works()]
    over = [
        (record.work, record.statements)
        for record in records
        if record.statements is None or record.statements > (record.statements_target or 20)
    ]
    assert over == []
    assert {record.work.split(",")[0] for record in records} == {
        "cycle page data",
        "products of an exchange",
        "list of 500 cycles",
        "decide one action",
        "add 250 variants",
        "import 500 users",
        "offer of a hub",
        "like for like: ids addable",
        "API detail",
        "the same",
    }


def test_statements_do_not_depend_on_how_much_there_is(bench: Bench) -> None:
    before = {work.name: measure(work, "S", runs=1).statements for work in bench.pages()}
    take_most_away(bench.size)
    after = {work.name: measure(work, "S", runs=1).statements for work in bench.pages()}
    assert after == before


def take_most_away(size: Size) -> None:
    """All hubs but a few, and most of the goods."""
    gone = Exchange.objects.filter(cycle=network.CYCLE, enterprise__gt=size.coordinator + 5)
    ExchangeVariant.objects.filter(exchange__in=gone).delete()
    ExchangeVariant.objects.filter(pk__gt=200).delete()
    ExchangeFee.objects.filter(exchange__in=gone).delete()
    gone.delete()


def test_what_is_written_is_undone(bench: Bench) -> None:
    before = (Exchange.objects.count(), ExchangeVariant.objects.count())
    measure(bench.adding(), "S", runs=2)
    assert (Exchange.objects.count(), ExchangeVariant.objects.count()) == before


def test_whether_time_tells_is_measured_for_each_way_to_ask(bench: Bench) -> None:
    found = list(alike.records(bench, turns=1))
    assert [(record.work.partition(": ")[2], record.met) for record in found] == [
        ("signing in", True),
        ("password forgotten", True),
        ("inviting", True),
    ]
    assert not User.objects.filter(email__endswith="@people.example").exists()


def test_a_record_says_whether_targets_are_met() -> None:
    work = Work("work", lambda: None, lambda: None, statements_target=3, ratio_target=2, seconds_target=1)
    assert judged(work, "L", 3, 0.4, 0.2).met
    assert not judged(work, "L", 4, 0.4, 0.2).met
    assert not judged(work, "L", 3, 0.5, 0.2).met
    assert not judged(work, "L", 3, 1.5, 1.0).met
    assert judged(work, "XL", 3, 1.5, 1.0).met


def test_what_is_done_badly_ends_the_run(bench: Bench) -> None:
    """A user of each kind of hash signs in after the import: were one not to be there, it would be told."""
    with pytest.raises(User.DoesNotExist):
        sign_in_each(500)


def test_the_figures_are_written(tmp_path: Path) -> None:
    record = judged(Work("work", lambda: None, statements_target=3), "S", 2, 0.001, None)
    report.write([record], tmp_path / "build" / "bench.json")
    (written,) = json.loads((tmp_path / "build" / "bench.json").read_text(encoding="utf-8"))
    assert written == {
        "work": "work",
        "size": "S",
        "statements": 2,
        "seconds": 0.001,
        "floor_seconds": None,
        "ratio": None,
        "statements_target": 3,
        "ratio_target": None,
        "seconds_target": None,
        "met": True,
    }
    assert "2 (≤ 3)" in report.row(record)
