import signal


def pytest_configure() -> None:
    # A shell without job control starts what runs in the background deaf to Ctrl-C, and its children too.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
