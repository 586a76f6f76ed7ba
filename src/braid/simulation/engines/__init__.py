"""The engines that run a program: each behind a file of its own, all to the same last digit."""
