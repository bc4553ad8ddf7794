"""Outgoing mail: an outbox that is written with what it tells of, jobs that send, a log without secrets."""
