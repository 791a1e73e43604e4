"""The names under which scripts import the module; mounted file by file, imported nowhere on the host."""
