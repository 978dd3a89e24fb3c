"""Tag columns for Spark DataFrames. Needs the extra ``spark``.

>>> from responsetag.integrations.spark import add_tags
>>> tagged = add_tags(spark.read.parquet("paragraphs"), "text")
"""

from responsetag.integrations.spark.columns import add_tags, tag_schema

__all__ = ["add_tags", "tag_schema"]
