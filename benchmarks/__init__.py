"""How fast it is: a reference network in three sizes, what people do in it, and the least that it could take.

``python -m benchmarks`` (``make bench``) prints a table and writes ``build/bench.json``. See ``docs/performance.md``.
"""
