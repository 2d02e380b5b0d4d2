"""The admin's first page: what waits for somebody, for those who may see it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connections
from django.test import Client
from django.utils.html import strip_tags

from tests.shipping.factories import parcel

pytestmark = pytest.mark.django_db(databases=list(settings.CONTEXTS))


def staff(client: Client, *, superuser: bool = True, may_see: str = "") -> Client:
    person = get_user_model()(email="staff@example.com", is_staff=True, is_superuser=superuser)
    person.save()
    if may_see:
        person.user_permissions.add(Permission.objects.using("customers").get(codename=may_see))
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def words(client: Client) -> str:
    page = client.get("/admin/").content.decode()
    return re.sub(r"\s+", " ", strip_tags(page[page.index('<div class="board">') :]))


def test_what_waits_is_counted_and_comes_first(client: Client) -> None:
    for number in ("T-1", "T-2"):
        parcel(number=number)

    said = words(staff(client))

    assert "Parcels to pack 2 paid for and not yet dispatched" in said
    assert "Orders today 0 none so far" in said
    assert said.index("Parcels to pack") < said.index("Orders today")
    assert "could not be handled" not in said


def test_staff_without_a_second_factor_are_told_where_to_get_one(client: Client) -> None:
    page = staff(client).get("/admin/").text

    assert "Your password alone opens this admin." in page
    assert 'href="/account/security/"' in page


def test_a_figure_leads_to_the_list_behind_it(client: Client) -> None:
    waiting = parcel(number="T-1")
    page = staff(client).get("/admin/").content.decode()

    address = re.search(r'href="(/admin/shipping/parcel/\?[^"]*created)"', page)

    assert address is not None
    assert waiting.order_number in client.get(address[1]).content.decode()


def test_staff_see_only_the_figures_of_what_they_may_see(client: Client) -> None:
    said = words(staff(client, superuser=False, may_see="view_parcel"))

    assert "Parcels to pack" in said
    assert "Orders today" not in said
    assert "Payments in trouble" not in said


def test_parked_events_are_told(client: Client) -> None:
    with connections["inventory"].cursor() as cursor:
        cursor.execute(
            "insert into messaging_parked (publisher, subscriber, partition, position, event_id, type, subject, event, "
            "state, fingerprint, place, attempts, problem, traceback, parked_at) values ('catalog', 'inventory', 0, 1, "
            "gen_random_uuid(), 'catalog.price_changed', 'product/1', '{}', 'stuck', 'f', 'p', 5, 'broken', '', now())"
        )

    assert "1 event could not be handled and waits; everything else flows on." in words(staff(client))


def test_the_board_asks_each_context_a_few_questions(client: Client, django_assert_max_num_queries: Any) -> None:
    somebody = staff(client)
    somebody.get("/admin/")

    for alias in settings.CONTEXTS:
        # Customers are asked who it is, and for the second factor.
        with django_assert_max_num_queries(5 if alias == "customers" else 4, using=alias):
            somebody.get("/admin/")
