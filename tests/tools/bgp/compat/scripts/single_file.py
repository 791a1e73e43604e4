"""A file that somebody downloaded."""

import pybgpstream

stream = pybgpstream.BGPStream(data_interface="singlefile")
stream.set_data_interface_option("singlefile", "upd-file", "./downloads/ris.rrc06.updates.1427846400.gz")
total, first, last = 0, None, None
for elem in stream:
    total += 1
    first = first or elem.time
    last = elem.time
print(total, first, last)
