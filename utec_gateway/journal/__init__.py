"""What happened, for a person to read.

It must not decide anything.
"""
