"""What scripted operations do, one module a sort of thing that they are about."""
