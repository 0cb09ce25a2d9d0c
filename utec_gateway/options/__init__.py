"""The options: names, types, limits, how a change is checked, and where secrets may go.

It must not know where options are stored.
"""
