"""What runs on the inner side of the wall; mounted file by file, imported nowhere on the host."""
