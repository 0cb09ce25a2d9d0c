"""What everybody needs: errors, the clock, frozen values, tasks, files, backoff.

It knows nothing of U-tec, of Home Assistant, or of any other package of ours.
"""
