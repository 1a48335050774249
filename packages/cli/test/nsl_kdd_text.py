"""Writes NSL-KDD's two text files into a folder, byte for byte as its authors published them, from the same rows in Parquet.

    python nsl_kdd_text.py FOLDER_OF_PARQUET FOLDER_OF_TEXT
"""

import sys

import pyarrow as pa
import pyarrow.parquet as pq

source, target = sys.argv[1:]
for parquet, text in (("train.parquet", "KDDTrain+.txt"), ("test.parquet", "KDDTest+.txt")):
    table = pq.read_table(f"{source}/{parquet}")
    columns = []
    for column in table.columns:
        values = column.combine_chunks().dictionary_encode()
        # Rates are doubles; the text has two decimals of them.
        form = "{:.2f}" if pa.types.is_floating(column.type) else "{}"
        texts = [form.format(value) for value in values.dictionary.to_pylist()]
        columns.append([texts[index] for index in values.indices.to_pylist()])
    with open(f"{target}/{text}", "w", newline="") as file:
        file.writelines(f"{','.join(row)}\n" for row in zip(*columns))
