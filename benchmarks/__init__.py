"""How fast it is: a reference network in three sizes, what people do with it, and the least that could take.

``python -m benchmarks`` (or ``make bench``) prints a table and writes ``build/bench.json``. See ``docs/performance.md``.
"""
