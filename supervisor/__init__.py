"""What `make setup` and `make run` do on a machine: install, start in order, restart, leave nothing behind.

It is no part of the platform itself: a host with its own supervisor starts what the Procfile says.
"""
