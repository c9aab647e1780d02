"""k8stui: a terminal game and simulator of Kubernetes networking."""

__version__ = "0.1.0"
