"""The controllers: each watches the store, queues keys and reconciles one at a time."""
