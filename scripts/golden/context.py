"""Makes fixtures/golden/context.json: flows and their context, counted by pandas.

Made with pandas 3.1.1 on Python 3.11.7. Run from the repository's root:

    pip install pandas==3.1.1
    python scripts/golden/context.py

Every flow is counted from a table of the flows before it, by time and then by row, with a query for each column and none of the
running sums that Oddflow keeps. A context is null where the flow has no time or no source; its columns are those of
`contextColumns`, over 60 and 600 seconds.
"""

import json
import pathlib
import random

import pandas

WINDOWS = [60, 600]
FLOWS = 250

random.seed(14)


def make_flows() -> pandas.DataFrame:
    """An hour of two networks; many flows share a time, some lack an address or a time, and the rows are in no order."""
    rows = []
    for _ in range(FLOWS):
        second = random.choice([random.randrange(3600), random.randrange(36000) / 10, 1200])
        rows.append(
            {
                "ts": None if random.random() < 0.03 else 1_700_000_000 + second,
                "src": random.choice(["10.0.0.1", "10.0.0.2", "fe80::1", "-"]),
                "dst": random.choice(["10.1.0.1", "10.1.0.2", "10.1.0.3"]),
                "port": random.choice([53, 80, 443, None]),
                "proto": random.choice(["tcp", "udp"]),
                "sent": random.randrange(2000),
                "received": random.choice([0, 0, 40, 1500]),
                "packets": random.randrange(1, 30),
                "site": random.choice(["a", "b"]),
            }
        )
    return pandas.DataFrame(rows, dtype=object)


def context_of(flows: pandas.DataFrame, row: int) -> list[float] | None:
    flow = flows.loc[row]
    known = flows[flows.ts.notna() & (flows.src != "-") & (flows.site == flow.site)]
    if row not in known.index:
        return None
    earlier = known[(known.ts < flow.ts) | ((known.ts == flow.ts) & (known.index < row))]

    def within(window: int, table: pandas.DataFrame) -> pandas.DataFrame:
        return table[(flow.ts - table.ts).astype(float).round(6) < window]

    of_source = earlier[earlier.src == flow.src]
    to_destination = earlier[earlier.dst == flow.dst]
    of_pair = of_source[of_source.dst == flow.dst]
    same_port = (earlier.port == flow.port) | (earlier.port.isna() & (flow.port is None))
    of_port = earlier[same_port & (earlier.proto == flow.proto)]
    values: list[float] = []
    for window in WINDOWS:
        near = within(window, of_source)
        values += [len(near), (near.sent + near.received).sum(), near.packets.sum(), near.dst.nunique()]
        values += [len(near[["port", "proto"]].fillna(-1).drop_duplicates())]
        values += [(near.received == 0).mean() if len(near) > 0 else 0]
    for window in WINDOWS:
        near = within(window, to_destination)
        values += [len(near), (near.sent + near.received).sum(), near.src.nunique()]
    values += [len(within(window, of_pair)) for window in WINDOWS]
    for window in WINDOWS:
        near = within(window, of_port)
        values += [len(near), near.src.nunique()]
    near = within(WINDOWS[-1], of_pair)
    values.append(round(flow.ts - near.ts.max(), 6) if len(near) > 0 else WINDOWS[-1])
    times = pandas.Series([*near.ts.sort_values(), flow.ts], dtype=float)
    gaps = (times.diff().dropna() * 1000).round().astype(int)
    if len(gaps) < 3:
        values.append(1)
    else:
        values.append(0 if gaps.sum() == 0 else gaps.std(ddof=0) / gaps.mean())
    return [round(float(value), 9) for value in values]


flows = make_flows()
context = [context_of(flows, row) for row in flows.index]
output = pathlib.Path(__file__).parents[2] / "fixtures/golden/context.json"
records = [{key: value for key, value in row.items()} for row in flows.to_dict("records")]
output.write_text(json.dumps({"flows": records, "context": context}, separators=(",", ":")) + "\n")
