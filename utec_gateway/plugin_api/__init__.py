"""What a plugin author imports, and the guards around every call of a plugin.

It must not know any plugin.
"""
