"""The service proxy of each node: forwarding decisions, and what a node remembers of connections."""
