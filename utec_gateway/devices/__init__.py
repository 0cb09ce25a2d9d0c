"""The devices: the cache of what U-tec last said, the poller that fills it, and commands.

It must not know who shows them.
"""
