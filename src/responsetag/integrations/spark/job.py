"""The job that tags Parquet files: for ``spark-submit`` on a cluster, or ``python -m`` here."""

from __future__ import annotations

from typing import Any

import click

from responsetag.cli.options import model_options
from responsetag.cli.running import ALL_GOOD, SOME_FAILED, run_command
from responsetag.errors import ResponseTagError
from responsetag.integrations.spark.columns import add_tags, need_spark


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("source", metavar="INPUT")
@click.argument("target", metavar="OUTPUT")
@click.option("--column", default="text", show_default=True, help="The text column.")
@click.option("--evidence", is_flag=True, help="Add spans and words: several times slower.")
@click.option(
    "--min-score",
    type=click.FloatRange(0, 1),
    help="Give labels from this score on, not from the model's thresholds.",
)
@click.option("--prefix", default="", help="Put before the names of the tag columns.")
@click.option(
    "--partitions",
    type=click.IntRange(1),
    help="Spread the rows over this many tasks; their order is lost.  [default: as the files are cut]",
)
@model_options
def job(source: str, target: str, partitions: int | None, model_version: str, **options: Any) -> int:
    """Add tag columns to the Parquet files of INPUT and write them to OUTPUT, which must not exist.

    Both may be whatever Spark can reach: a path, hdfs://..., s3a://...

    Exit codes: 0 all good, 1 some rows failed, 2 usage, model or Spark error.
    """
    need_spark()
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        rows, failed = _tag_files(source, target, partitions, {"version": model_version, **options})
    except (PySparkException, Py4JError) as error:
        raise ResponseTagError(_reason(error)) from error
    click.echo(f"responsetag: {rows} rows in {target}, {failed} failed", err=True)
    return SOME_FAILED if failed else ALL_GOOD


def _tag_files(source: str, target: str, partitions: int | None, options: dict[str, Any]) -> tuple[int, int]:
    """Tag the files; the numbers of rows and of those that failed."""
    from pyspark.sql import Observation, SparkSession
    from pyspark.sql.functions import col, count_if, lit
    from pyspark.sql.functions import count as count_all

    spark = SparkSession.builder.appName("responsetag").getOrCreate()
    try:
        df = spark.read.parquet(source)
        tagged = add_tags(df.repartition(partitions) if partitions else df, **options)
        failed = col(f"`{options['prefix']}status`") == lit("error")
        # Counted as the rows are written: asking afterwards would read all of them again.
        counts = Observation()
        tagged = tagged.observe(counts, count_all(lit(1)).alias("rows"), count_if(failed).alias("failed"))
        tagged.write.parquet(target)
        return counts.get["rows"], counts.get["failed"]
    finally:
        spark.stop()


def _reason(error: Exception) -> str:
    """What happened, without the stacks of two languages."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    if "Traceback (most recent call last):" in lines:
        return lines[-1]  # a Python worker's error, under its stack
    if lines[0].startswith("An error occurred while calling") and len(lines) > 1:
        return lines[1].removeprefix(": ")  # Java's error, under the name of a call
    return lines[0]


def main(arguments: list[str] | None = None) -> None:
    """Run the job and exit."""
    run_command(job, "responsetag-spark", arguments)


if __name__ == "__main__":
    main()
