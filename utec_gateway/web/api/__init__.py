"""The HTTP API that integrations and scripts live on.

It must not know the panel.
"""
