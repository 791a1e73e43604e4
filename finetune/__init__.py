"""Fine-tuning: recipes, LoRA training, conversion to GGUF, and the adapters that ship."""
