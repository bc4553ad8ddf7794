"""Background jobs of order cycles: recording what was on offer at closing."""

from __future__ import annotations

from procrastinate.contrib.django import app

from ordercycles.domain.offers import record_due


@app.periodic(cron="* * * * *")
@app.task(name="ordercycles.record_closed_cycles", queueing_lock="record_closed_cycles")
def record_closed_cycles(timestamp: int) -> None:
    """Record the offers of cycles that have closed. Late is no harm: whatever would change them records them first."""
    record_due()
