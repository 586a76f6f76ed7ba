"""The canary scanner: looks for known locations in whatever Braid wrote. It checks the guard, so it shares no code
with it: nothing here imports Braid.
"""
