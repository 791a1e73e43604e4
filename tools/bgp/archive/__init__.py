"""MRT files of RIPE RIS and RouteViews: found through the BGPKIT Broker, kept in a cache of downloads."""
