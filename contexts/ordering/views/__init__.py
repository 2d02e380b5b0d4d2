"""Ordering's pages: the cart, the checkout, the order."""

from django.http import HttpResponseRedirect


class SeeOther(HttpResponseRedirect):
    """303: what was sent is done; continue there with GET."""

    status_code = 303
