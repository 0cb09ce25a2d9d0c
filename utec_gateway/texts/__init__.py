"""The texts for people, in every language that there is a file for.

It must not know who reads them, or where they are shown.
"""
