"""Access codes: the guests that the gateway made, per lock, confirmed by what the cloud lists.

It must not know pages, endpoints, topics or issues, and it writes no code to any disk or log.
"""
