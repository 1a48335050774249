"""Holds incidents to what is published of OCSF and to jc's readers of syslog and CEF.

`check_events.py ocsf FILE VERSION...` holds Detection Findings, one a line, to the JSON Schemas of OCSF versions. `check_events.py cef FILE LINES` reads CEF in
syslog and compares it with Oddflow's own lines of the same incidents. Each fault is printed on a line.
"""

import json
import sys

FEWEST = 1


def ocsf(path, *versions):
    from jsonschema import Draft202012Validator
    from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

    for version in versions:
        published = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=version))
        schema = published.get_class_schema(class_name="detection_finding", profiles=[])
        validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        for line in lines(path):
            for error in validator.iter_errors(json.loads(line)):
                print(f"{version} {list(error.absolute_path)}: {error.message[:200]}")


def cef(path, own):
    import jc

    expected = [json.loads(line) for line in lines(own)]
    found = lines(path)
    if len(found) != len(expected):
        print(f"{len(found)} lines for {len(expected)} incidents")
    for line, incident in zip(found, expected):
        for name, was, shall in compared(jc, line, incident):
            if was != shall:
                print(f"{name} is {was!r}, not {shall!r}, of {incident['id']}")


def compared(jc, line, incident):
    """What is read of a line beside what it shall be."""
    (message,) = jc.parse("syslog", line)
    yield "facility", message["priority"] >> 3, 16
    yield "version", message["version"], 1
    yield "app name", message["appname"], "oddflow"
    yield "message id", message["msg_id"], "incident"
    yield "timestamp", seconds(message["timestamp"]), seconds(incident["last_seen"])
    # jc's reader of syslog takes backslashes away, so that its message is none of CEF's any more.
    (record,) = jc.parse("cef", line[line.index("CEF:0|") :])
    columns = ", ".join(column["name"] for column in incident["columns"])
    yield "severity", text(record["agentSeverity"]), text(incident["severity"])
    yield "id", record["externalId"], incident["id"]
    yield "flows", record["cnt"], incident["flows"]
    yield "host", text(record["host"]), incident["host"].strip()
    yield "network", text(record.get("network")), (incident["network"] or "None").strip()
    yield "columns", text(record["columns"]), columns
    yield "message", text(record["msg"]), "; ".join(incident["example"]["reasons"]) or incident["title"]
    yield "destinations", record["destinationCount"], incident["destinations"]["count"]


def text(value):
    return str(value)


def seconds(stamp):
    from datetime import datetime

    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def lines(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        found = [line for line in file.read().split("\n") if line]
    if len(found) < FEWEST:
        print(f"{path} has no incidents")
    return found


if __name__ == "__main__":
    {"ocsf": ocsf, "cef": cef}[sys.argv[1]](*sys.argv[2:])
