"""What staff sees of e-mails: how they look, and once more if one got lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client
from django.utils import timezone
from uuid_utils.compat import uuid7

from contexts.notifications import services
from contexts.notifications.letters import Welcome
from contexts.notifications.models import Article, BackRequest, Email

pytestmark = pytest.mark.django_db(databases=["notifications", "customers"])


@pytest.fixture
def staff(client: Client) -> Client:
    person = get_user_model()(email="staff@example.com", is_staff=True, is_superuser=True)
    person.save()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def email() -> Email:
    services.write(
        Welcome(name="Ada"), recipient="ada@example.com", language="en", event_id=uuid7(), customer_id=uuid7()
    )
    written: Email = Email.objects.get()
    return written


def test_an_email_is_shown_in_a_frame_that_can_do_nothing(staff: Client, email: Email) -> None:
    page = staff.get(f"/admin/notifications/email/{email.pk}/change/")
    frame = staff.get(f"/admin/notifications/email/{email.pk}/preview/")

    assert f"/admin/notifications/email/{email.pk}/preview/" in page.text
    assert "sandbox" in page.text
    assert "Your account is open" in frame.text
    assert frame["Content-Security-Policy"].startswith("default-src 'none'")
    assert frame["X-Frame-Options"] == "SAMEORIGIN"


def test_nobody_else_sees_it(client: Client, email: Email) -> None:
    assert client.get(f"/admin/notifications/email/{email.pk}/preview/").status_code == 302


def test_staff_sends_an_email_again(staff: Client, email: Email) -> None:
    services.send_due()

    page = staff.post(
        "/admin/notifications/email/", {"action": "send_again", "_selected_action": [email.pk]}, follow=True
    )
    services.send_due()

    assert "1 e-mail will be sent again." in page.text
    assert len(mail.outbox) == 2


def test_an_erased_email_has_no_preview(staff: Client, email: Email) -> None:
    assert email.customer_id is not None
    services.forget_customer(customer_id=email.customer_id)

    page = staff.get(f"/admin/notifications/email/{email.pk}/change/")
    frame = staff.get(f"/admin/notifications/email/{email.pk}/preview/")

    assert "its recipient was erased" in page.text
    assert frame.status_code == 404


def test_staff_see_which_goods_are_awaited_by_how_many(staff: Client) -> None:
    for sku in ("RED-MUG", "LAMP", "BACK-AGAIN"):
        Article.objects.create(sku=sku, name=sku.title(), on_sale=True, available=0)
    for sku, email in (("LAMP", "ada"), ("RED-MUG", "ada"), ("RED-MUG", "eve")):
        BackRequest.objects.create(sku=sku, email=f"{email}@example.org")
    BackRequest.objects.create(sku="BACK-AGAIN", email="ada@example.org", told_at=timezone.now())

    goods = staff.get("/admin/notifications/awaited/").context["cl"].result_list
    waiting = staff.get("/admin/notifications/backrequest/?q=RED-MUG&told=no")

    assert [(article.sku, article.people) for article in goods] == [("RED-MUG", 2), ("LAMP", 1)]
    assert {request.email for request in waiting.context["cl"].result_list} == {"ada@example.org", "eve@example.org"}


def test_nobody_changes_who_waits(staff: Client) -> None:
    request = BackRequest.objects.create(sku="RED-MUG", email="ada@example.org")

    assert staff.get(f"/admin/notifications/backrequest/{request.pk}/change/").status_code == 200
    assert staff.post(f"/admin/notifications/backrequest/{request.pk}/delete/", {"post": "yes"}).status_code == 403
    assert staff.get("/admin/notifications/backrequest/add/").status_code == 403
    assert BackRequest.objects.count() == 1


def test_the_list_of_awaited_goods_costs_the_same_however_many_wait(
    staff: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        Article.objects.create(sku=f"MUG-{number}", name="Mug", available=0)
        BackRequest.objects.create(sku=f"MUG-{number}", email="ada@example.org")

    with django_assert_max_num_queries(3, using="notifications"):
        staff.get("/admin/notifications/awaited/")


def test_staff_looks_at_a_letter_before_anybody_gets_it(staff: Client) -> None:
    listed = staff.get("/admin/notifications/email/letters/")
    page = staff.get("/admin/notifications/email/letters/order_shipped/en/")
    frame = staff.get("/admin/notifications/email/letters/order_shipped/en/html/")

    assert "/admin/notifications/email/letters/password_changed/de/" in listed.text
    assert "sandbox" in page.text
    assert "Follow the parcel:" in page.text
    assert "<h1" in frame.text
    assert frame["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("address", ["nothing/en/", "order_shipped/xx/", "order_shipped/xx/html/"])
def test_a_letter_that_there_is_not_is_not_found(staff: Client, address: str) -> None:
    assert staff.get(f"/admin/notifications/email/letters/{address}").status_code == 404


def test_letters_are_for_staff_only(client: Client) -> None:
    for address in ("", "order_shipped/en/", "order_shipped/en/html/"):
        assert client.get(f"/admin/notifications/email/letters/{address}").status_code == 302
