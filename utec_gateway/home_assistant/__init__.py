"""Home Assistant: its Supervisor, its Core, and what they call this add-on.

It must not know anything of U-tec.
"""
