"""Train the shipped model from ``data/``, or one of your own: ``python train.py --help``.

The same as ``responsetag train``; it also runs from a checkout that is not installed.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "src"))

from responsetag.cli import main

if __name__ == "__main__":
    main(["train", *sys.argv[1:]])
