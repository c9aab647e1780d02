"""Kubernetes objects: read, defaulted, validated and patched. Nothing here knows of a cluster."""
