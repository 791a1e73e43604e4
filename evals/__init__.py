"""Measures how well questions are answered: suites, evaluators and the runner."""
