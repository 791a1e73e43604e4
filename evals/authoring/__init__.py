"""How the suites in `evals/suites/` were made; nothing here is needed to run one."""
