"""`python -m braid` is the command line."""

from braid.cli import main

if __name__ == "__main__":
    main()
