"""Training data: hand-written phrasings of intents, filled from a graph, with programs that were run."""
