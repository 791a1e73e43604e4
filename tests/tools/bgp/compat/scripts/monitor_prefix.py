"""Watch some prefixes of ours, and everything inside of them."""

import sys

import pybgpstream

OURS = {"2a00:bdc0:e000::/44": "28709"}

alerts = 0
try:
    stream = pybgpstream.BGPStream(
        from_time="2015-04-01 00:00:00",
        until_time="2015-04-01 00:05:00",
        collectors=["rrc06"],
        record_type="updates",
        filter="prefix more " + " ".join(OURS),
    )
    origins = {}
    for elem in stream:
        if elem.type != "A":
            continue
        origin = elem.fields["as-path"].split(" ")[-1]
        origins.setdefault(elem.fields["prefix"], set()).add(origin)
        if origin != "28709":
            alerts += 1
            print("ALERT", elem.fields["prefix"], origin)
    for prefix in sorted(origins):
        print(prefix, *sorted(origins[prefix]))
except Exception as error:
    print("Error:", error)
    sys.exit(1)
print("alerts:", alerts)
sys.exit(0 if not alerts else 3)
