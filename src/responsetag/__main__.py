"""``python -m responsetag``."""

from responsetag.cli import main

if __name__ == "__main__":
    main()
