"""The Celery tasks of the backbone. Their messages are hints: lost, doubled or late, they do no harm."""

from __future__ import annotations

from celery import shared_task

from contexts.messaging import work


@shared_task(name="messaging.relay")
def relay(context: str) -> None:
    work.run_relay(context)


@shared_task(name="messaging.deliver")
def deliver(context: str, text: str, signature: str) -> None:
    work.run_deliver(context, text, signature)


@shared_task(name="messaging.acknowledge")
def acknowledge(context: str, text: str, signature: str) -> None:
    work.run_acknowledge(context, text, signature)


@shared_task(name="messaging.sweep")
def sweep(context: str) -> None:
    work.run_sweep(context)


@shared_task(name="messaging.background")
def background(name: str) -> None:
    work.run_background(name)
