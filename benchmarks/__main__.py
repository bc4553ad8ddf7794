"""``python -m benchmarks [--size S|M|L|XL|all …] [--runs 5] [--only words] [--anew] [--profile]``."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks import database
from benchmarks.sizes import SIZES, Size

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "build" / "bench.json"
#: What is answered when all was measured and a target was missed.
MISSED = 3


def main(arguments: list[str]) -> int:
    """Measure; one process per size, because Django keeps to one database."""
    options = _options(arguments)
    if len(options.size) == 1:
        return _measure(SIZES[options.size[0]], options)
    rest = [one for one in arguments if one not in ("--size", *SIZES)]
    parts, missed = [], 0
    for name in options.size:
        part = RESULTS.with_name(f"bench-{name}.json")
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks", "--size", name, *rest, "--out", str(part)], cwd=ROOT, check=False
        )
        if done.returncode not in (0, MISSED):
            return done.returncode
        missed = missed or done.returncode
        parts += json.loads(part.read_text(encoding="utf-8"))
        part.unlink()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(parts, indent=2) + "\n", encoding="utf-8")
    print(f"Written to {options.out}.")
    return missed


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure against the reference network.")
    parser.add_argument("--size", nargs="+", choices=list(SIZES), default=["S", "M", "L"], help="default: S M L")
    parser.add_argument(
        "--runs", type=int, default=7, help="how often each work and its floor are timed; the best counts"
    )
    parser.add_argument("--only", default="", help="only works whose name holds this")
    parser.add_argument("--anew", action="store_true", help="make the database again")
    parser.add_argument("--profile", action="store_true", help="print where the time goes instead of figures")
    parser.add_argument("--out", type=Path, default=RESULTS, help="default: build/bench.json")
    return parser.parse_args(arguments)


def _measure(size: Size, options: argparse.Namespace) -> int:
    _open_database(size, anew=options.anew)
    from benchmarks import alike, report, web
    from benchmarks.measure import QUOTED, measure, profiled, warmed
    from benchmarks.works import Bench
    from config.collector import settle

    bench = Bench(size)
    works = list(bench.works())
    for work in works:
        warmed(work)
    settle()
    print(report.FORM.format(*report.HEAD), flush=True)
    records = []
    for work in works:
        if options.only not in work.name:
            continue
        if options.profile:
            profiled(work)
            continue
        records.append(measure(work, size.name, runs=options.runs))
        print(report.row(records[-1]), flush=True)
    if "web page".startswith(options.only) or options.only.startswith("web"):
        for record in web.records(bench, options.runs) if not options.profile else ():
            records.append(record)
            print(report.row(record), flush=True)
    if options.only in "time tells no account" and size.name == QUOTED and not options.profile:
        for record in alike.records(bench):
            records.append(record)
            print(report.row(record), flush=True)
    if records:
        report.write(records, options.out)
    return 0 if all(record.met for record in records) else MISSED


def _open_database(size: Size, *, anew: bool) -> None:
    """Point Django at the database of this size, filled."""
    from tools.postgres import ensure_database_url

    ensure_database_url()
    server, name = os.environ["DATABASE_URL"], f"hectare_bench_{size.name.lower()}"
    empty = database.prepare(server, name, anew=anew)
    os.environ["DATABASE_URL"] = database.url_of(server, name)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    import django

    django.setup()
    if empty:
        from django.core.management import call_command

        from benchmarks import network

        call_command("migrate", verbosity=0)
        network.build(size)
        network.analyse()
        database.mark(server, name)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
