"""The HTTP API: questions in, answers with their evidence out.

    settings = ServerSettings(domains={"aminer": AMinerOptions()})
    run_server(settings, host="127.0.0.1", port=8080)

Needs the extra `serve`. What comes in passes `guard` (keys, rates, sizes), then `app` (the routes), then
`service` (slots, deadlines, solvers); the embedded model runs in a process of its own, which `model_process`
starts again when it dies.
"""
