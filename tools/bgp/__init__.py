"""Internet routing: typed functions over BGP data in MRT files, archives and live streams."""
