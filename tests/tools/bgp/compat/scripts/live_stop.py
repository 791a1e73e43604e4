"""Watch the live stream; stop after 100 seconds of BGP time, or after a minute of ours."""

import time

import pybgpstream

stream = pybgpstream.BGPStream(
    project="ris-live",
    record_type="updates",
)
started = time.time()
first = None
announced = withdrawn = 0
for elem in stream:
    if first is None:
        first = elem.time
    if elem.time - first >= 100 or time.time() - started > 60:
        break
    if elem.type == "A":
        announced += 1
    elif elem.type == "W":
        withdrawn += 1
print(f"{announced} announcements, {withdrawn} withdrawals")
