"""The shop's addresses and one of a view that does nothing, which goes through all that every request goes through."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import urlpatterns as shop


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path("empty/", empty), *shop]
