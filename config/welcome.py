"""What `make up` tells the person at the terminal once the shop is open."""

from __future__ import annotations

from django.conf import settings

from config.supervisor.console import Console
from contexts.kernel.vouchers import DEMO_CODES


def welcome(console: Console, *, seconds: float) -> str:
    """Return what a newcomer needs: where the shop is, how to get into the admin, what to try."""
    lines = ["", console.bold(f"Tradepost is open: {settings.SITE_URL}/") + f"   (after {seconds:.1f} s)"]
    if settings.HAS_CUSTOMERS:
        lines.append(f"  Admin:  {settings.SITE_URL}/admin/")
    if settings.HAS_CUSTOMERS and settings.DEMO:
        lines.append(f"          {settings.DEMO_ADMIN_EMAIL}   password {settings.DEMO_ADMIN_PASSWORD}")
    if settings.DEMO and "payments" in settings.CONTEXTS:
        lines += ["  Test cards, any name and address:", *[f"          {card}" for card in _test_cards()]]
    if settings.DEMO and "promotions" in settings.CONTEXTS:
        lines += ["  Codes and gift cards:", *[f"          {code}  {effect}" for code, effect in DEMO_CODES]]
    if settings.DEMO:
        lines += [
            "  Try: put something into the cart, check out as a guest, and watch the order move by itself.",
            f"       E-mails are files in {settings.DATA_DIR / 'mail'}; `manage.py events status` shows the events.",
        ]
    lines += ["  Stop with Ctrl-C.", ""]
    return "\n".join(lines)


def _test_cards() -> list[str]:
    from contexts.payments.sandbox.cards import TEST_CARDS

    return [f"{card.spaced}  {card.name}: {card.effect}" for card in TEST_CARDS]
