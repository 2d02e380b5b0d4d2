"""What the statements of the simulated shop mean in the model of PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contexts.messaging.simulation.cluster import Cluster, Row, Session
from contexts.messaging.simulation.statements import Result, means


def create_tables(cluster: Cluster) -> None:
    cluster.create("ordering", "sim_order", ("id",))
    cluster.create("ordering", "sim_visit")
    cluster.create("inventory", "sim_stock", ("sku",))
    cluster.create("inventory", "sim_reservation", ("order_id",))
    cluster.create("payments", "sim_payment", ("order_id",))
    for context in ("ordering", "inventory", "payments"):
        cluster.create(context, "sim_effect", ("nr",))


def _inserts(table: str, sql: str, *columns: str, **fixed: Any) -> None:
    """Declare a plain insert."""

    def insert(session: Session, parameters: Sequence[Any]) -> Result:
        session.insert(table, dict(zip(columns, parameters, strict=True)) | fixed)
        return [], 1

    means(sql)(insert)


_inserts("sim_stock", "insert into sim_stock (sku, on_hand) values (%s, %s)", "sku", "on_hand")
_inserts("sim_visit", "insert into sim_visit (client, nr) values (%s, %s)", "client", "nr")
_inserts(
    "sim_order",
    "insert into sim_order (id, sku, quantity, cents, step, state) values (%s, %s, %s, %s, 0, 'placed')",
    "id", "sku", "quantity", "cents", step=0, state="placed",
)  # fmt: skip
_inserts(
    "sim_reservation",
    "insert into sim_reservation (order_id, sku, quantity, accepted) values (%s, %s, %s, %s)",
    "order_id", "sku", "quantity", "accepted",
)  # fmt: skip
_inserts(
    "sim_payment",
    "insert into sim_payment (order_id, cents, state, leased_until, tries) values (%s, %s, 'due', %s, 0)",
    "order_id", "cents", "leased_until", state="due", tries=0,
)  # fmt: skip


@means(
    "insert into sim_effect (publisher, subscriber, event_id, type, subject, position, body) "
    "values (%s, %s, %s, %s, %s, %s, %s)"
)
def _effect(session: Session, parameters: Sequence[Any]) -> Result:
    columns = ("publisher", "subscriber", "event_id", "type", "subject", "position", "body")
    row = dict(zip(columns, parameters, strict=True)) | {"nr": session.cluster.draw(session.schema, "sim_effect_nr")}
    session.insert("sim_effect", row)
    return [], 1


@means("select step from sim_order where id = %s for update")
def _step(session: Session, parameters: Sequence[Any]) -> Result:
    found = session.lock("sim_order", lambda row: row["id"] == parameters[0])
    return [(version.row["step"],) for version in found], len(found)


@means("update sim_order set step = %s where id = %s")
def _next_step(session: Session, parameters: Sequence[Any]) -> Result:
    step, order_id = parameters
    return [], len(session.update("sim_order", lambda row: row["id"] == order_id, lambda row: {"step": step}))


@means("update sim_order set state = 'paid' where id = %s")
def _paid(session: Session, parameters: Sequence[Any]) -> Result:
    return [], len(session.update("sim_order", lambda row: row["id"] == parameters[0], lambda row: {"state": "paid"}))


@means("update sim_stock set on_hand = on_hand - %s where sku = %s and on_hand >= %s")
def _take(session: Session, parameters: Sequence[Any]) -> Result:
    quantity, sku, least = parameters
    taken = session.update(
        "sim_stock",
        lambda row: row["sku"] == sku and row["on_hand"] >= least,
        lambda row: {"on_hand": row["on_hand"] - quantity},
    )
    return [], len(taken)


@means("select on_hand from sim_stock where sku = %s")
def _look(session: Session, parameters: Sequence[Any]) -> Result:
    found = session.select("sim_stock", lambda row: row["sku"] == parameters[0])
    return [(row["on_hand"],) for row in found], len(found)


@means("update sim_stock set on_hand = %s where sku = %s")
def _set(session: Session, parameters: Sequence[Any]) -> Result:
    left, sku = parameters
    return [], len(session.update("sim_stock", lambda row: row["sku"] == sku, lambda row: {"on_hand": left}))


@means(
    "select order_id, cents, tries from sim_payment where state = 'due' and leased_until <= %s "
    "order by order_id limit 1 for update skip locked"
)
def _claim(session: Session, parameters: Sequence[Any]) -> Result:
    def due(row: Row) -> bool:
        return bool(row["state"] == "due" and row["leased_until"] <= parameters[0])

    found = session.lock("sim_payment", due, skip_locked=True, limit=1, order="order_id")
    return [(v.row["order_id"], v.row["cents"], v.row["tries"]) for v in found], len(found)


@means("update sim_payment set leased_until = %s, tries = tries + 1 where order_id = %s")
def _lease(session: Session, parameters: Sequence[Any]) -> Result:
    until, order_id = parameters
    changed = session.update(
        "sim_payment",
        lambda row: row["order_id"] == order_id,
        lambda row: {"leased_until": until, "tries": row["tries"] + 1},
    )
    return [], len(changed)


@means("update sim_payment set state = 'charged' where order_id = %s and state = 'due'")
def _charged(session: Session, parameters: Sequence[Any]) -> Result:
    changed = session.update(
        "sim_payment",
        lambda row: row["order_id"] == parameters[0] and row["state"] == "due",
        lambda row: {"state": "charged"},
    )
    return [], len(changed)
