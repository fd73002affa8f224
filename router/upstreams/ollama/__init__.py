"""Kind `ollama`: Ollama's native API, the only one where the window can be set and a cut prompt is refused."""
