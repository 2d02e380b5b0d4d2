import pytest
from django.db import connections

pytestmark = pytest.mark.django_db(databases=["ordering", "customers"])


def test_x():
    with connections["ordering"].cursor() as c:
        c.execute("select current_user, current_schema()")
        assert c.fetchone() == ("tradepost_ordering", "ordering")


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_y():
    with connections["ordering"].cursor() as c:
        c.execute("select current_user, current_schema()")
