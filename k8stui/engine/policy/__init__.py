"""NetworkPolicies: verdicts about single packets, all pairs at once, and what a change opens or closes."""
