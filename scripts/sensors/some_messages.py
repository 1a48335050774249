"""Twenty messages from all over goflow2's protobuf, and the lines of its JSON for the same flows: some_messages.py BIN JSON TO_BIN TO_JSON."""

import sys


def messages(data):
    """Each with its length before it."""
    at = 0
    while at < len(data):
        length, shift, place = 0, 0, at
        while True:
            byte = data[place]
            length |= (byte & 127) << shift
            place, shift = place + 1, shift + 7
            if byte < 128:
                break
        yield data[at : place + length]
        at = place + length


binary, json, to_binary, to_json = sys.argv[1:]
flows = list(zip(messages(open(binary, "rb").read()), open(json).read().splitlines(), strict=True))
some = flows[:: max(1, len(flows) // 20)][:20]
open(to_binary, "wb").write(b"".join(message for message, _ in some))
open(to_json, "w").write("".join(f"{line}\n" for _, line in some))
