"""The demo, a program of its own: a real installation does not load a simulated cloud.

It must not know how the gateway works, only how it is started.
"""
