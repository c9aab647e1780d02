"""The cluster: its control plane and its data plane, on a simulated clock."""
