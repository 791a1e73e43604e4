"""Typed API functions as LangChain tools, the solution library, and the sandbox that runs programs."""
