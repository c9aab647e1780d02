"""Cluster, the one face of the engine."""
