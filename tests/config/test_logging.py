"""What the logs hold of an error, and what they must not hold."""

from __future__ import annotations

import logging
import logging.config
from typing import Any

import pytest

from config.logging import logging_settings


def _fail(secret: str) -> None:
    password = f"{secret}!"
    raise ValueError(f"cannot use {len(password)} characters")


@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_holds_no_values_of_local_names(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    settings: dict[str, Any] = logging_settings(level="INFO", as_json=as_json)
    formatter = settings["formatters"]["structured"]
    handler = logging.StreamHandler()
    handler.setFormatter(logging.config.DictConfigurator({}).configure_formatter(dict(formatter)))
    logger = logging.getLogger("tests.config.a_traceback")
    logger.addHandler(handler)
    logger.propagate = False
    secret = "-".join(["correct", "horse"])
    try:
        _fail(secret)
    except ValueError:
        logger.exception("it failed")
    written = capsys.readouterr().err
    assert "cannot use 14 characters" in written
    assert "_fail" in written
    assert secret not in written
