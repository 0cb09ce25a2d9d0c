"""The built-in plugins, one a file, and the loader of all plugins.

A plugin must not know anything but the plugin API.
"""
