"""All pages of ordering: few queries however much there is, and a strict policy."""

import re

import pytest

from tests.ordering.browsing import FORM, begin, give_card, seen, to_review
from tests.ordering.shop import offer

pytestmark = pytest.mark.django_db(databases=["ordering"])


@pytest.mark.parametrize("articles", [1, 12])
def test_queries_per_page_do_not_grow(client, articles, django_assert_num_queries, deliver):
    for number in range(articles):
        offer(f"MUG-{number}", available=1)
        client.post("/cart/add/", {"sku": f"MUG-{number}", "quantity": 2})
    order_id = begin(client)

    with django_assert_num_queries(2, using="ordering"):
        client.get("/cart/")
    with django_assert_num_queries(4, using="ordering"):
        client.get(f"/checkout/{order_id}/")
    with django_assert_num_queries(2, using="ordering"):
        client.get(f"/checkout/{order_id}/hold/")
    client.post(f"/checkout/{order_id}/", FORM)
    give_card(client, order_id)
    with django_assert_num_queries(4, using="ordering"):
        client.get(f"/checkout/{order_id}/review/")
    client.post(f"/checkout/{order_id}/review/", {"seen": seen(client, order_id)})
    with django_assert_num_queries(1, using="ordering"):
        client.get(f"/orders/{order_id}/")
    with django_assert_num_queries(1, using="ordering"):
        client.get(f"/orders/{order_id}/live/")


def test_the_pages_keep_to_the_content_security_policy(client):
    order_id = to_review(client)
    pages = [client.get(path) for path in ("/cart/", f"/checkout/{order_id}/", f"/checkout/{order_id}/review/")]

    for page in pages:
        html = page.content.decode()
        assert not re.search(r"\son\w+=|style=|<script(?![^>]*\ssrc=)", html)
