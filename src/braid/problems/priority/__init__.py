"""Who comes first among those whom a problem statement concerns: dated rules that anybody can read.

Bands come first, then points, each with its reason, then the longest wait. Nothing is learnt and nothing is weighed out
of sight; what the rules do not ask has no part in the rank. A human decides.
"""
