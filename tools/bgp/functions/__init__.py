"""The functions of the BGP domain: questions about elems, answered in columns."""
