"""The cluster's DNS: what the server answers, and how a container's C library asks."""
