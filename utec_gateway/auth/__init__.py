"""The sign-in: the tokens, their refresh, and how a person signs in.

It must not know devices or pages.
"""
