"""The demo shop: invented goods, stock, customers and some weeks of orders, all made through the real services."""
