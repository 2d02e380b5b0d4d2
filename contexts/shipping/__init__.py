"""Shipping methods, parcels and their tracking."""
