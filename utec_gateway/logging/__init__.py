"""The log: what is written where, what is struck out of it, and what a stranger may read of it.

It must not know what the gateway does.
"""
