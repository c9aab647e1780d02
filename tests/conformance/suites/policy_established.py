"""Connections that are open when a policy appears."""
