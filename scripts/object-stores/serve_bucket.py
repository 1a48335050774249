"""Serves a folder as an S3 bucket on loopback, to one key alone, until standard input ends.

    python serve_bucket.py FOLDER BUCKET

Prints a line of JSON: the port, and the key. What comes without that key's signature is refused, as AWS does.
"""

import json
import os
import pathlib
import sys

import boto3
import requests
from moto.server import ThreadedMotoServer

folder, bucket = pathlib.Path(sys.argv[1]), sys.argv[2]
# moto counts requests, and asks for no key up to this one.
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "1000000"
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
endpoint = f"http://{host}:{port}"
anybody = {"endpoint_url": endpoint, "region_name": "us-east-1", "aws_access_key_id": "any", "aws_secret_access_key": "any"}

s3 = boto3.client("s3", **anybody)
s3.create_bucket(Bucket=bucket)
for path in sorted(folder.rglob("*")):
    if path.is_file():
        s3.put_object(Bucket=bucket, Key=path.relative_to(folder).as_posix(), Body=path.read_bytes())

iam = boto3.client("iam", **anybody)
iam.create_user(UserName="reader")
allowed = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket", "s3:PutObject"], "Resource": "*"}
policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=policy)
key = iam.create_access_key(UserName="reader")["AccessKey"]
requests.post(f"{endpoint}/moto-api/reset-auth", data=b"0", headers={"content-type": "text/plain"}, timeout=10)

print(json.dumps({"port": port, "id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}), flush=True)
sys.stdin.read()
