"""Included by a Celery worker of the shop to play on the stage of `bench events` instead."""

from contexts.messaging.bench import _play, _stage

__all__ = ["_play"]

_stage.step_on()
