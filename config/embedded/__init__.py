"""PostgreSQL and Redis that the shop starts by itself where the machine offers none."""
