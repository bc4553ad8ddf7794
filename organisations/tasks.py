"""Background jobs of organisations."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from common.errors import Conflict
from config.jobs import jobs
from organisations.contact import LINK_LIFE, read_token


@jobs.task(name="organisations.tasks.mail_contact_confirmation", retry=5)
def mail_contact_confirmation(token: str) -> None:
    """Send the link that confirms a contact address; nothing when it has died meanwhile."""
    try:
        business = read_token(token)
    except Conflict:
        return
    link = f"{settings.SITE_URL}/enterprises/confirm-contact/{token}/"
    text = render_to_string(
        "organisations/mail/confirm_contact.txt", {"business": business, "link": link, "days": LINK_LIFE.days}
    )
    send_mail(f"Confirm the contact address of {business.name}", text, None, [business.contact_email])
