"""Has Spark run the shards of a plan: spark-submit spark_shards.py PLAN. Executors must see what the plan names, and have oddflow."""

import json
import os
import subprocess
import sys

from pyspark.sql import SparkSession


def run(shards):
    """The shards of a partition, one after the other, each by a process of its own. What has failed Spark runs again, anywhere."""
    for shard in shards:
        ran = subprocess.run(["oddflow", "shard", "run", plan, str(shard)], cwd=folder, capture_output=True, text=True)
        if ran.returncode != 0:
            raise RuntimeError(ran.stderr.strip())
        yield ran.stdout.strip()


plan = sys.argv[1]
# Executors work in folders of their own.
folder = os.getcwd()
with open(plan, encoding="utf-8") as file:
    shards = len(json.load(file)["shards"])
spark = SparkSession.builder.appName("shards").getOrCreate()
for line in spark.sparkContext.parallelize(range(shards), shards).mapPartitions(run).collect():
    print(line)
spark.stop()
subprocess.run(["oddflow", "shard", "commit", plan], check=True)
