"""Traces: what took how long, in spans that say routes, codes and counts and nothing of anybody."""
