"""The API of organisations, their units and enterprises, grants and API keys."""
