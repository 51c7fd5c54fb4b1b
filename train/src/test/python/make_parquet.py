"""Writes src/test/resources/dev/trit/train/data/*.parquet with pyarrow:

    python3 train/src/test/python/make_parquet.py

The same rows in every codec: two row groups, a column of numbers before the text, rows without a text, dictionary pages in
the first file and none in the others.
"""

import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

folder = pathlib.Path(__file__).parent.parent / "resources/dev/trit/train/data"
texts = [None if i % 7 == 3 else f"row {i}: the river ö川🙂 " + "mill " * (i % 5) for i in range(40)]
table = pa.table({"id": list(range(40)), "text": texts, "kind": ["a", "b"] * 20})
for codec in ["none", "snappy", "gzip", "zstd", "lz4"]:
    pq.write_table(
        table,
        f"{folder}/{codec}.parquet",
        compression=codec,
        row_group_size=25,
        use_dictionary=codec == "none",
        data_page_version="2.0" if codec == "zstd" else "1.0",
    )
pq.write_table(table, f"{folder}/brotli.parquet", compression="brotli")
