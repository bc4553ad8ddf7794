"""The job that sends a mail."""

from __future__ import annotations

from smtplib import SMTPException, SMTPRecipientsRefused

from django.core.mail.message import EmailMessage
from django.db import transaction
from procrastinate import JobContext, RetryStrategy
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from common import clock
from config.jobs import jobs
from mails import outbox
from mails.models import Mail, MailStatus
from mails.rendering import letter
from mails.text import one_line


class Unsent(Exception):
    """A mail could not be sent; ``last`` when nobody will try again."""

    def __init__(self, public_id: str, *, last: bool) -> None:
        super().__init__(f"The mail {public_id} could not be sent.")
        self.last = last


class Patience(BaseRetryStrategy):
    """Tries again after 4, 16, 64 … seconds, for about six hours."""

    tries = RetryStrategy(max_attempts=7, exponential_wait=4)

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When to try again; ``None`` for never."""
        if isinstance(exception, Unsent) and exception.last:
            return None
        return self.tries.get_retry_decision(exception=exception, job=job)


@jobs.task(name="mails.send", retry=Patience(), pass_context=True)
def send(context: JobContext, public_id: str) -> None:
    """Send a mail that waits, once. One that has been sent or is not there any more is passed over."""
    deliver(public_id, last=context.job.attempts >= (Patience.tries.max_attempts or 0))


def deliver(public_id: str, *, last: bool = False) -> None:
    """Send one mail and write down what became of it.

    The row stays locked while the server is spoken to: a second worker waits, and then finds the mail sent.

    Args:
        last: no further attempt follows: what fails now has failed for good.

    Raises:
        Unsent: it failed.
    """
    with transaction.atomic():
        mail = Mail.objects.select_for_update().filter(public_id=public_id, status=MailStatus.QUEUED).first()
        if mail is None:
            return
        mail.attempts += 1
        problem = _attempt(mail)
        if problem is not None:
            last = last or _is_hopeless(problem)
            mail.error = _told(problem)
            if last:
                mail.status = MailStatus.FAILED
        mail.save()
        if mail.status == MailStatus.FAILED:
            for hook in outbox.hooks_of(mail.kind):
                hook(mail)
    if problem is not None:
        raise Unsent(public_id, last=last) from problem


def _attempt(mail: Mail) -> Exception | None:
    """Build and send; what went wrong, if anything did. What the builder wrote stays only if the mail went out."""
    try:
        with transaction.atomic():
            made = _made(mail)
            if made is None:
                mail.status = MailStatus.DROPPED
                mail.error = ""
                return None
            mail.subject = str(made.subject)
            made.send()
    except Exception as problem:
        return problem
    mail.status = MailStatus.SENT
    mail.error = ""
    mail.sent_at = clock.now()
    return None


def _made(mail: Mail) -> EmailMessage | None:
    message = outbox.kind_of(mail.kind).build(mail)
    return None if message is None else letter(mail, message)


def _is_hopeless(problem: Exception) -> bool:
    """Whether the server has said that this address takes no mail, and will say so again."""
    return isinstance(problem, SMTPRecipientsRefused) and all(code >= 500 for code, _ in problem.recipients.values())


def _told(problem: Exception) -> str:
    """What went wrong, for the log of mails. A server's words are kept; our own may quote what they were about."""
    kind = type(problem).__name__
    return one_line(f"{kind}: {problem}" if isinstance(problem, SMTPException | OSError) else kind, 300)
