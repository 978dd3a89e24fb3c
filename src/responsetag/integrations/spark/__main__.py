"""``python -m responsetag.integrations.spark``: the job on this machine."""

import os
import sys

from responsetag.integrations.spark.job import main

if __name__ == "__main__":
    # Spark would start the workers with whatever `python3` is on PATH.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    main()
